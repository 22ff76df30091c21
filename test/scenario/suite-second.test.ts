import { startTestbed } from '../suite/clusters/testbed.ts';
import { testScenarios } from '../suite/jest.ts';
import { PARTS } from '../suite/scenarios/index.ts';

testScenarios('testbed', PARTS[1], { start: startTestbed, concurrent: false });
