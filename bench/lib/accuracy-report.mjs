/** The scores of accuracy.mjs as a page of Markdown. */

const NAMES = { accuracy: "accuracy", r2: "R²" };
const VARIANTS = { default: "defaults", early: "with early stopping" };

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean of a few values. */
function standardError(values) {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** The page, and whether a goal was missed: a fixed one, or to be as good as scikit-learn within one standard error. */
export function accuracyReport(results) {
  let missed = false;
  let version = "";
  const rows = results.map(({ name, score, goal, runs }) => {
    const scores = runs.map(({ noron }) => noron[score]);
    const own = `${mean(scores).toFixed(4)} ± ${standardError(scores).toFixed(4)}`;
    if (mean(scores) < goal) missed = true;
    if (runs.some(({ peer }) => peer === undefined)) return [name, NAMES[score], `≥ ${goal}`, own, "", "", ""];
    version = runs[0].peer.version;
    const variants = Object.keys(VARIANTS).map((variant) => runs.map(({ peer }) => peer.scores[variant][score]));
    const best = variants.reduce((a, b) => (mean(b) > mean(a) ? b : a));
    const differences = scores.map((value, index) => value - best[index]);
    const error = standardError(differences);
    const behind = mean(differences) < -error;
    if (behind) missed = true;
    const sign = mean(differences) < 0 ? "−" : "+";
    const difference = `${sign}${Math.abs(mean(differences)).toFixed(4)} ± ${error.toFixed(4)}${behind ? " (behind)" : ""}`;
    const theirs = variants.map((values) => `${mean(values).toFixed(4)} ± ${standardError(values).toFixed(4)}`);
    return [name, NAMES[score], `≥ ${goal}`, own, ...theirs, difference];
  });
  const heads = [
    "data",
    "score",
    "goal",
    "noron",
    ...Object.values(VARIANTS).map((variant) => `scikit-learn, ${variant}`),
  ];
  heads.push("noron − the better of both");
  const table = [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
  const text = `# Accuracy

How good \`noron train\` is with its default options, beside scikit-learn's MLPClassifier and MLPRegressor${version === "" ? "" : ` (${version})`}. Written by
\`node bench/accuracy.mjs\`.

${table}

Means over the seeds 0 to 4, which decide split and first weights, with their standard errors; of the difference, that of the
five differences, as both are measured on the same test rows. scikit-learn gets the same features and the same rows; those that
noron sets aside to choose its best epoch, it trains on as well. The target of a regression is standardised for both.
Both run with what their makers set: noron chooses sizes, batches and epochs by the data, scikit-learn has one hidden
layer of 100 and 200 epochs at most, or with \`early_stopping=True\` as many as its own validation rows ask for.
`;
  return { text, missed };
}
