import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, type Locator, type Page, chromium } from 'playwright-core';
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

/** A picture: of a whole summary, or of its beginning. */
interface Picture {
  readonly file: string;
  readonly name: RecordedName;
  /** Heading before which the picture ends. */
  readonly until?: string;
}

const PICTURES: readonly Picture[] = [
  ...RECORDED.map((name) => ({ file: name, name })),
  { file: 'summary', name: 'canary', until: 'Steps' },
];

/** A summary as it is kept, so that a test can say when the pictures are stale. */
function writeMarkdown(name: RecordedName): void {
  writeFileSync(recordedPath(name, 'md'), renderSummary(recordedReport(name)));
}

async function take(
  browser: BrowserContext,
  picture: Picture,
  theme: (typeof THEMES)[number],
): Promise<void> {
  const page = await browser.newPage();
  await page.emulateMedia({ colorScheme: theme });
  const markdown = renderSummary(recordedReport(picture.name));
  await page.setContent(await summaryPage([{ title: picture.name, markdown }]));
  const path = join(IMAGES, `${picture.file}-${theme}.png`);
  await page.screenshot({ path, fullPage: true, clip: await frame(page, picture.until) });
  await page.close();
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', path, path]);
  process.stdout.write(`${path} ${Math.ceil(statSync(path).size / 1024)} kB\n`);
}

/** The part of the page that is in the picture. */
async function frame(page: Page, until: string | undefined): Promise<Box> {
  const whole = await boxOf(page.locator('.summary'));
  if (until === undefined) return whole;
  const end = await boxOf(page.getByRole('heading', { name: until }));
  return { ...whole, height: end.y - whole.y };
}

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

async function boxOf(locator: Locator): Promise<Box> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('what the picture is of is not on the page');
  return box;
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
  for (const picture of PICTURES) for (const theme of THEMES) await take(browser, picture, theme);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true });
}
