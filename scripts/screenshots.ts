import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';
import { renderSummary } from '../src/report/summary.ts';
import { RECORDED, type RecordedName, recordedPath, recordedReport } from './recorded-reports.ts';
import { summaryPage } from './summary-page.ts';

// `npm run screenshots` makes of the recorded reports their summaries (beside them) and the pictures in docs/images.
// It needs no cluster and no network, but a Chromium ($CHROMIUM, or /usr/bin/chromium) and pngquant: Debian's packages
// `chromium` and `pngquant`, and `fonts-noto-core` and `fonts-noto-color-emoji` for the same letters and signs.

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));

/** As root there is no sandbox; the others keep it from calling home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const THEMES = ['light', 'dark'] as const;

/** Pixels of the page, and how many of the picture each is: sharp enough for fine screens, and still small. */
const WIDTH = 900;
const SCALE = 1.5;

/** A summary as it is kept, so that a test can say when the pictures are stale. */
function writeMarkdown(name: RecordedName): void {
  writeFileSync(recordedPath(name, 'md'), renderSummary(recordedReport(name)));
}

async function picture(
  browser: BrowserContext,
  name: RecordedName,
  theme: (typeof THEMES)[number],
): Promise<void> {
  const page = await browser.newPage();
  await page.emulateMedia({ colorScheme: theme });
  const markdown = renderSummary(recordedReport(name));
  await page.setContent(await summaryPage([{ title: name, markdown }]));
  const path = join(IMAGES, `${name}-${theme}.png`);
  await page.locator('.summary').screenshot({ path });
  await page.close();
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', path, path]);
  process.stdout.write(`${path} ${Math.ceil(statSync(path).size / 1024)} kB\n`);
}

RECORDED.forEach(writeMarkdown);
const profile = mkdtempSync(join(tmpdir(), 'screenshots-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ARGUMENTS,
  viewport: { width: WIDTH, height: 800 },
  deviceScaleFactor: SCALE,
});
try {
  mkdirSync(IMAGES, { recursive: true });
  for (const name of RECORDED) for (const theme of THEMES) await picture(browser, name, theme);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true });
}
