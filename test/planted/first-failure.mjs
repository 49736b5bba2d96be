/** A reporter of Jest that says which test failed first: what the others of its file would say is not worth the wait. */
export default class FirstFailure {
  onTestCaseResult(_test, { status, fullName }) {
    if (status === 'failed') process.stdout.write(`\nFIRST FAILURE ${fullName.replaceAll('\n', ' ')}\n`);
  }

  onTestFileResult({ path }, { testExecError }) {
    if (testExecError) process.stdout.write(`\nFIRST FAILURE ${path} did not run: ${String(testExecError.message).split('\n')[0]}\n`);
  }
}
