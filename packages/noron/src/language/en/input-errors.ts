/** What is said of files, folders and runs that are not what they should be, by code. */
export const inputErrors = {
  "no-such-file": "{{file}}: there is no such file or folder.",
  "not-permitted": "{{file}}: it may not be read: see its permissions.",
  "is-a-folder": "{{file}}: it is a folder, not a file.",
  "not-a-folder": "{{file}}: a part of this path is a file, not a folder.",
  "file-too-large": "{{file}}: it is larger than the 2 GiB that can be read: use a part of it.",
  "unreadable-file": "{{file}}: it cannot be read: {{problem}}.",
  "no-images-in-folder":
    "{{folder}}: there are no images and labels as IDX files in this folder. IDX files are called like train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz.",
  "tables-in-folder":
    "{{folder}}: there are no images and labels as IDX files in this folder. For a table give the file: {{tables}}.",
  "no-class-folders": "{{folder}}: no image says what is on it: put the images of each class into a folder of its own.",
  "bad-image": "{{file}}: this image cannot be decoded: {{problem}}.",
  "not-a-plain-image": "{{file}} is no plain file: remove it from among the images.",
  "no-labels": "{{file}}: there are no labels to learn: give the IDX file with the labels as well.",
  "no-labels-to-compare": "{{file}}: there are no labels to compare with.",
  "table-for-images": "{{file}} is a table, and the network was trained on images: give IDX files.",
  "images-for-table": "{{file}} holds images, and the network was trained on a table: give a CSV file.",
  "image-pixels": "image {{image}} has {{found}} pixels, and the network takes {{height}} × {{width}}.",
  "no-such-image": "{{file}}: there is no image {{row}}: they are 0 to {{last}}.",
  "no-such-row": "{{file}}: there is no row {{row}}: they are {{first}} to {{last}}.",
  "row-is-header":
    "{{file}}: there is no row {{row}}: they are {{first}} to {{last}}, as in a spreadsheet, where the header is row 1.",
  "empty-table": "{{file}}: there are no rows.",
  "no-runs": "there is no folder {{folder}} here: noron train makes one, or give the folder of your runs.",
  "no-such-run": "{{folder}}: there is no such run folder: noron train makes one.",
  "run-is-a-file": "{{folder}} is a file, and a run is a folder: give the folder that noron train has made.",
  "run-file-missing": "{{folder}} is no run folder, or a damaged one: it has no {{file}}.",
  "run-link-broken": "{{folder}} is no run folder, or a damaged one: its {{file}} is a link to nothing.",
  "link-out-of-run": "{{file}} is a link that leads out of the run folder: put the file itself there.",
  "not-a-plain-file": "{{file}} is no plain file: this is no run that noron wrote.",
  "not-ours": "{{file}}: {{bytes}} bytes are no file that noron wrote.",
  "options-not-json": "{{file}}: options are a JSON object: {{problem}}.",
  "unknown-option-in-file": "{{file}}: there is no option {{option}}.",
  "bad-option-in-file": "{{file}}: {{option}} is not what it should be: {{problem}}.",
  "not-json": "{{file}}: this is not JSON: the file is damaged or another one.",
  "bad-config": "{{file}}: this is no config that noron wrote: {{problem}}.",
  "run-mismatch": "{{folder}}: the files of this run do not belong together: {{problem}}.",
  "bad-weights": "{{file}}: {{problem}}",
  "too-few-weights": "{{file}}: the network has {{parameters}} parameters by its config, and this file has fewer.",
  "weights-not-finite": "{{file}}: {{name}} holds numbers that are not finite.",
  "other-code":
    "{{folder}}: {{file}} is not the file that this run was trained with: its hash is {{hash}}, and that of {{trained}} was {{trainedHash}}. Give the file as it was then.",
  "run-without-weights":
    "{{folder}}: this training was ended before its first checkpoint, so that there are no weights. Begin it again:",
  "not-written": "{{file}} could not be written: {{problem}}.",
  "not-written-after-epoch":
    "{{file}} could not be written: {{problem}}. What is there, up to the end of epoch {{epoch}}, stays. When it can be written again, go on with:",
  "not-written-after-batch":
    "{{file}} could not be written: {{problem}}. What is there, up to batch {{batch}} of epoch {{epoch}}, stays. When it can be written again, go on with:",
  "bad-checkpoint": "{{file}}: this is no checkpoint that noron wrote: {{problem}}.",
  "checkpoint-of-another": "{{file}} is of another training: {{problem}}.",
  "no-checkpoint": "{{folder}} has no checkpoint.safetensors, from which it could go on.",
  "resume-data-changed":
    "{{folder}}: {{source}} is not what it was when this training began: its hash is {{hash}}, and was {{trainedHash}}. Give the data as they were, or train anew.",
  "other-training":
    "{{folder}} cannot go on: the same data give another {{part}} than when it began: was that another version of noron ({{version}})?",
  "other-reading":
    "{{folder}}: {{data}} is read otherwise now than when the run was trained (noron {{version}}), so that nobody can say which rows were held out: report on rows of another file, or train anew.",
  "run-data-gone": "the data of this run ({{source}}) cannot be read here: give the data.",
  "run-data-changed": "{{source}} is not what it was when the run was trained: give the data as they were.",
  "no-page": "{{folder}}: the page of the studio is not there. In a clone, npm run build makes it.",
} as const;
