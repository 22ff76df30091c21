import { startEmbeddedCluster } from './clusters/embedded.ts';
import { testScenarios } from './jest.ts';
import { SCENARIOS } from './scenarios/index.ts';

testScenarios('embedded', SCENARIOS, { start: startEmbeddedCluster, concurrent: true });
