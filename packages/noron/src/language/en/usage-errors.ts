/** What is said of a command line that cannot be, by code. */
export const usageErrors = {
  "no-command": "a command is needed.",
  "unknown-command": "there is no command {{value}}.",
  "unknown-option": "unknown option {{value}}.",
  "bad-value": "{{option}} {{value}} cannot be. {{problem}}",
  "not-a-choice": "{{option}} {{value}} cannot be: it is one of {{names}}.",
  "not-a-number-from-to": "{{option}} {{value}} cannot be: it is a number from {{least}} to {{most}}.",
  "not-a-number-between": "{{option}} {{value}} cannot be: it is a number above {{least}} and below {{most}}.",
  "not-a-whole-number": "{{option}} {{value}} cannot be: it is a whole number from {{least}} to {{most}}.",
  "not-a-model":
    "--model {{value}} cannot be: it is the sizes of the hidden layers, such as 64,32, or none, or a file such as net.ts.",
  "not-a-type": "--type {{value}} cannot be: it is a column and what to use it as, such as zip=category.",
  "not-held-out": "{{option}} {{value}} cannot be: it is a share above 0 and below 1, such as 0.2, or a file.",
  "missing-value": "{{option}} needs a value.",
  "missing-option": "{{option}} must be given.",
  "missing-argument": "missing required argument {{name}}.",
  "too-many-arguments": "there are more arguments than this command takes: {{expected}}.",
  "options-exclude-each-other": "{{option}} and {{other}} exclude each other.",
  "bad-environment": "{{problem}}.",
  "out-of-memory": "there is too little memory for this: give a smaller --model or --batch, or fewer rows.",
  "no-target": "which column is to be learned? Give --target NAME; the columns are {{columns}}.",
  "target-of-images": "images are learned with their labels: leave --target out.",
  "task-of-images": "labels of images are classes: leave --task out.",
  "columns-of-images": "images have no columns: leave --type, --drop and --keep out.",
  "profile-of-images": "images have no columns: leave --target, --task, --type, --drop and --keep out.",
  "split-of-images": "images have no columns: --split {{by}} is for tables; give random or stratified.",
  "nothing-to-split": "--split {{split}} has nothing to split, as --val and --test are files: leave one of them out.",
  "held-out-on-stdin": "rows to choose the epoch by or to test on cannot come from standard input: give a file.",
  "held-out-is-trained-on":
    "{{option}} {{file}} is among the data to be trained on ({{data}}): rows to measure on must not be trained on.",
  "held-out-of-another-kind": "{{option}} {{file}} and {{data}} are a table and images: give two of the same kind.",
  "no-such-sample": "there is no sample {{value}}: there are {{names}}.",
  "stdin-twice": "standard input can be read once: give - once.",
  "not-an-image-size":
    "--image-size {{value}} cannot be: it is a size in pixels, such as 32, or 48x32 of height and width.",
  "not-a-row":
    "--row {{value}} cannot be: it is a whole number: 2 is the first row below a header, 1 the first of JSON, 0 the first image.",
  "not-channels": "--channels {{value}} cannot be: it is 1 for grey, or 3 for red, green and blue.",
  "no-image-decoder": "images are decoded by the package sharp, which is not installed here: npm install sharp.",
  "no-table-in-pieces": "{{data}} is no file of a table, which alone is read in pieces: leave --stream out.",
  "no-temporary-folder": "{{folder}} cannot be written to: {{problem}}: set TMPDIR to a folder that can.",
  "disk-full":
    "the rows as numbers take {{needed}} GiB, and {{free}} GiB are free in {{folder}}: free some, or set TMPDIR to a folder on a larger disk.",
  "temporary-not-written":
    "the rows cannot be kept in {{folder}} ({{problem}}): free some room there, or set TMPDIR to a folder on a larger disk.",
  "too-many-images": "images are one IDX file, and one with their labels: give these two.",
  "not-idx-file": "{{file}} is no IDX file: give one table, or two IDX files with images and labels.",
  "loss-not-for-task": "--loss {{loss}} is not for {{task}}, which this is: take {{fitting}}.",
  "not-of-optimizer": "{{option}} is not for --optimizer {{optimizer}}, but for {{fitting}}.",
  "nesterov-without-momentum": "Nesterov's step needs a momentum: give --momentum 0.9, or --optimizer nesterov.",
  "not-of-schedule": "{{option}} is not for --schedule {{schedule}}, but for {{fitting}}.",
  "gamma-of-plateau": "--gamma of --schedule plateau is below 1: the rate is to fall.",
  "batch-norm-one-row": "--norm batch cannot be: there is one row to train on.",
  "batch-norm-batch-of-one": "--norm batch cannot be: a batch of one row has no spread.",
  "class-weights-of-number": "--class-weights is for classes, and the target is a number: leave it out.",
  "not-class-weights": "--class-weights: it is balanced, none, or NAME=WEIGHT. The classes are {{classes}}.",
  "no-such-class": '--class-weights: there is no class "{{value}}". The classes are {{classes}}.',
  "not-a-weight": '--class-weights: "{{value}}" is no weight: it is a number above 0 and up to 1,000,000.',
  "option-not-for-own": "{{option}} is for networks that noron makes: {{file}} decides this itself.",
  "network-too-large":
    "training this network of {{parameters, number}} parameters in batches of {{batch}} takes about {{needed}} GiB of memory, and there are {{limit}} GiB: give a smaller --model or --batch.",
  "code-not-loaded": "{{file}} cannot be loaded: {{problem}}",
  "no-default-export":
    "{{file}}: there is no default export that makes a network: export default ({ inputs, outputs, nn }) => ….",
  "network-failed": "{{file}}: making the network failed: {{problem}}",
  "network-asynchronous": "{{file}}: the default export is asynchronous: let it give the network itself.",
  "no-module": "{{file}}: the default export gave no nn.Module.",
  "network-inputs": "{{file}}: the network does not take rows of {{inputs}} features: {{problem}}",
  "network-outputs":
    "{{file}}: the network makes [{{shape}}] of two rows, and [2, {{outputs}}] is needed: end it with {{outputs}} outputs.",
  "network-not-code": "{{folder}}: the network of this run is made by noron, not by {{file}}: leave the model out.",
  "network-is-code":
    "{{folder}}: the network of this run is code ({{file}}, {{hash}}), and a run folder holds none: give it with --model {{file}}, or to loadRun as { model }.",
  "folder-exists": "{{folder}} is there already: give --out another name, or remove it.",
  "folder-is-a-run":
    "{{folder}} is there already: give --out another name, or remove it, or go on with it: npx noron train --resume {{folder}}.",
  "folder-in-use":
    "{{folder}} is being trained into by process {{process}}: let it end, or stop it. If there is no such training, remove {{lock}}.",
  "folder-in-use-elsewhere":
    "{{folder}} is being trained into by process {{process}} on {{host}}: let it end, or stop it. If there is no such training, remove {{lock}}.",
  "fixed-on-resume":
    "{{option}} cannot be given with --resume: a training goes on as it began, but for --epochs and --patience.",
  "model-on-resume": "--model cannot change when a training goes on: leave it out.",
  "resume-on-stdin": "{{folder}} was trained on standard input: give the data again.",
  "resume-diverged":
    "{{folder}} diverged, and would again: going on gives the same numbers. Train anew, with a lower --lr.",
  "already-trained": "{{folder}} has been trained to epoch {{epochs}} already: give more --epochs.",
  "epochs-of-schedule":
    "{{folder}} cannot have other --epochs: its learning rate follows --schedule {{schedule}} over {{epochs}} epochs.",
  "no-rate-found": "--lr auto found no rate at which the loss falls: look at the data, or give a rate.",
  "dry-run-writes-nothing":
    "{{option}} cannot be given with --dry-run, which writes and shows nothing else: leave it out.",
  "ended-early":
    "{{folder}} ended after epoch {{epochs}}, as the validation loss had not become better for {{waited}} epochs: give more --patience than {{waited}} to go on.",
  "all-trained": "{{folder}} has been trained to its last epoch, {{epochs}}: give more --epochs to go on.",
  "folder-not-writable": "{{folder}} cannot be made: {{parent}} is not a folder that may be written to.",
  "run-not-saved": "the run could not be saved in {{folder}}: {{problem}}.",
  "file-exists": "{{file}} is there already: give {{option}} another name, or remove it.",
  "file-exists-force": "{{file}} is there already: give --out another name, or --force to replace it.",
  "cannot-write": "{{file}} cannot be written: {{problem}}.",
  "predictions-are-csv":
    "--out {{file}}: predictions are written as CSV, which this name does not say. Give a name that ends in .csv, or leave --out away and take --log json, an object a row.",
  "cannot-write-output": "standard output cannot be written: {{problem}}.",
  "out-is-input": "--out {{file}} is the data that are read: give another name.",
  "compare-two": "--compare takes two runs.",
  "unknown-form": "{{file}}: export writes no such form. There are {{forms}}: end the name in one of them.",
  "form-not-of-name":
    "--to {{form}} and {{file}} do not fit: leave --to out for {{named}}, or give the file another name.",
  "export-without-file": "--log json tells of a file that was written: give --out.",
  "no-form": "which form? Give --to {{forms}}.",
  "binary-to-terminal": "a safetensors file is nothing for a terminal: give --out FILE.",
  "layer-not-exported":
    "--to ts writes Sequentials of {{known}}; this network has another layer: {{problem}}. Take --to safetensors, or loadRun from noron.",
  "eject-not-files": "--eject writes programs for tables or for IDX files, which they read again: give such files.",
  "eject-images":
    "--eject writes programs that use the library alone, which decodes no images such as those in {{data}}: leave it out, or give the images as IDX files.",
  "eject-in-pieces":
    "--eject writes programs that read their table whole, and {{data}} is read in pieces: leave it out, or write the program for a file with some of the rows.",
  "run-on-stdin": "the run was trained on standard input, which cannot be read again: give the data.",
  "no-such-layer": "there is no layer {{value}}: they are {{layers}}.",
  "no-such-neuron": "there is no neuron {{value}}: the widest layer has {{most}}.",
  "no-such-neuron-in-layer": "there is no neuron {{value}}: layer {{layer}} has {{most}}.",
  "port-taken": "port {{port}} is taken by another program: give another with --port, or 0 for one that is free.",
  "port-forbidden": "port {{port}} may not be used here: give one above 1023 with --port.",
} as const;
