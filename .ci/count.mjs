/** Prints `tests: N passed, N failed, N skipped` from the runner's report; fails where none ran or one failed. */
import { readFileSync } from 'node:fs';

let report;
try {
  report = JSON.parse(readFileSync(new URL('./out/report.json', import.meta.url), 'utf8'));
} catch {
  process.stdout.write('tests: 0 passed, 1 failed, 0 skipped\n');
  process.exit(1);
}
const passed = report.numPassedTests;
const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
// A file that fails before its first test counts as one failure.
const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const failed = report.numFailedTests + broken.length;
process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed === 0 && passed > 0 && report.success ? 0 : 1);
