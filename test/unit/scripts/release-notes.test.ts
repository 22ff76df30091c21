import { expect, test } from '@jest/globals';
import { releaseNotes } from '../../../scripts/release-notes.ts';

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-25

### Added

- A thing.

## [1.2.2] - 2026-11-01

- Older.

## [1.2.1] - 2026-10-01
`;

test('are the section of the version, and nothing of the others', () => {
  expect(releaseNotes('1.2.3', '1.2.3', CHANGELOG)).toBe('### Added\n\n- A thing.\n');
});

test.each([
  ['1.2.3', '1.2.4', /package\.json says 1\.2\.4/],
  ['1.3.0', '1.3.0', /no section \[1\.3\.0\]/],
  ['1.2.1', '1.2.1', /says nothing/],
  ['v1.2.3', 'v1.2.3', /not a version/],
  ['1.2', '1.2', /not a version/],
  ['1.2.3-rc.1', '1.2.3-rc.1', /not a version/],
  ['', '', /not a version/],
])('refuse %j where package.json says %j', (version, packageVersion, message) => {
  expect(() => releaseNotes(version, packageVersion, CHANGELOG)).toThrow(message);
});
