/**
 * Loaded into a command under test: sends its own process a signal once its standard error has said each of some texts, one
 * after another. From outside the signal would come at a time that the machine's load decides.
 */
const { signal, texts } = JSON.parse(process.env.NORON_TEST_SIGNAL);
const write = process.stderr.write.bind(process.stderr);
let said = "";
process.stderr.write = (chunk, ...rest) => {
  const done = write(chunk, ...rest);
  said += chunk;
  if (texts.length > 0 && said.includes(texts[0])) {
    texts.shift();
    process.kill(process.pid, signal);
  }
  return done;
};
