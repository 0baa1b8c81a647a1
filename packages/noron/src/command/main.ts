export async function main(_arguments: string[]): Promise<number> {
  return 0;
}
