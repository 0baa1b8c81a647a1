declare module "virtual:formulas" {
  const formulas: Readonly<Record<string, import("./template.ts").TypesetFormula>>;
  export default formulas;
}
