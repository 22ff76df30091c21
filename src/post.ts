import { actionsLogger } from './log.ts';
import { savedTempDirectory } from './state.ts';
import { removeTempDirectory } from './temp-directory.ts';

/** After the job: the kubeconfig goes. Needs no cluster, and never fails a job that has done its work. */
const path = savedTempDirectory();
try {
  if (path !== '') await removeTempDirectory(path);
} catch (error) {
  actionsLogger.warn(
    `The temporary directory could not be deleted: ${error instanceof Error ? error.message : String(error)}`,
  );
}
