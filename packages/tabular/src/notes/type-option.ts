/** @internal The command's option that asks for a type of a column, as it is typed into a shell. */
export function typeOption(column: string, choice: string): string {
  const plain = /^[\p{L}\p{N}_.,+@%-]+$/u.test(column);
  return `--type ${plain ? `${column}=${choice}` : `'${column.replaceAll("'", `'\\''`)}=${choice}'`}`;
}
