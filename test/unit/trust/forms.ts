/**
 * What others could put where a text may be, by form: each is named, so that the one that came through can be said.
 * Texts that would forge something do so with {@link MARK}.
 */

/** A token of the kubeconfig; whoever quotes it. */
export const SECRET = 'hunter2-very-secret-token-of-the-kubeconfig';
/** What the exec plugin gives. */
export const LATE_SECRET = 'correct-horse-battery-token-of-the-plugin';
/** A token of somebody else: only its shape is known. */
export const JWT = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(40)}.${'y'.repeat(40)}`;
export const MARK = 'FORGED';

const MB = 1024 * 1024;

/** Where texts are cut on their way: a secret that lies across would be half of one. */
const CUTS = [40, 60, 80, 100, 200, 300, 400, 500, 1000, 2000, 4000];

/** Names of what every object of JavaScript has. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

/** Hostile texts, by what they are. */
export const TEXTS: Readonly<Record<string, string>> = {
  nothing: '',
  '1 MB of one word': 'a'.repeat(MB),
  '1 MB of beginnings of tokens': 'eyJ-'.repeat(MB / 4),
  '1 MB of lines': '\n'.repeat(MB),
  '1 MB of backticks': '`'.repeat(MB),
  'a pre-release that can be parted in any way': `x:1.31.0-rc${'1'.repeat(100)}x`,
  NULs: `a\0b\0${'\0'.repeat(500)}`,
  'escapes of a terminal': `\u001b[31mred\u001b]0;${MARK}\u0007\u001b[2J\u001b[1;1H\r${MARK}`,
  'commands for the runner': `\n::error::${MARK}\n::set-output name=outcome::succeeded\n::add-mask::a\n::stop-commands::${MARK}\n##[error]${MARK}`,
  'a command at once': `::error file=a,line=1::${MARK}`,
  'a table, a heading, a list': `\n\n## ${MARK}\n\n| ${MARK} |\n| --- |\n| ${MARK} |\n\n- ${MARK}\n> ${MARK}\n\n</td></tr></table>`,
  HTML: `<img src=x onerror=y ${MARK}><details><summary>${MARK}</summary><script>${MARK}</script><!--`,
  'links and mentions': `[${MARK}](http://evil.example) ![${MARK}](http://evil.example/x.png) @${MARK} @org/${MARK} #1 <http://evil.example>`,
  'code fences': '```\n' + MARK + '\n```\n~~~\n`' + MARK + '``',
  'text that turns direction': `\u202e${MARK}\u2066\u200b\ufeff\u2028${MARK}\u2029`,
  'halves of letters': `\ud800 \udc00${MARK}\ud83d`,
  'JSON, deep': '['.repeat(20_000),
  'JSON, an object that is none': '{"revision":{"toString":1},"__proto__":{"revision":"default"}}',
  'JSON of a number': '5',
  'JSON of null': 'null',
  'a number that is none': '1e999',
  'a date out of range': '9999-99-99T99:99:99.999Z',
  'a path that leads out': '../../../../etc/passwd',
  'a flag': '--kubeconfig=/etc/passwd',
  'a token of the kubeconfig': `Authorization: Bearer ${SECRET}, ${JWT}`,
  'a key of a cloud': 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  ...Object.fromEntries(INHERITED.map((name) => [`the name ${name}`, name])),
  ...Object.fromEntries(
    CUTS.flatMap((at) => [
      [`a secret across ${String(at)} letters`, `${'word '.repeat(at).slice(0, at - 7)} ${SECRET} ${JWT}`],
      [`a token across ${String(at)} letters`, `${'word '.repeat(at).slice(0, at - 12)} ${JWT} ${SECRET}`],
    ]),
  ),
};

/** What is no text at all, where only whoever wrote it saw to the type. */
export const ODDITIES: Readonly<Record<string, unknown>> = {
  null: null,
  'a number': 5,
  'a number beyond all integers': 1e308,
  'a number below nothing': -1,
  true: true,
  'an empty list': [],
  'a list of odd things': ['x', 5, null, {}, []],
  'an empty object': {},
  'an object that is no text': { toString: 1, valueOf: 1 },
  'an object with another prototype': JSON.parse(
    '{"__proto__":{"revision":"default","length":9}}',
  ) as unknown,
  'a deep list': JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as unknown,
};

/** What a process may print, whose bytes need be no text. */
export const BYTES: Readonly<Record<string, Buffer>> = {
  'bytes that are no UTF-8': Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a, 0xed, 0xa0, 0x80, 0x0a]),
  'a letter that is cut': Buffer.from('✔').subarray(0, 2),
  'UTF-16': Buffer.from(`\ufeffError: ${MARK}`, 'utf16le'),
};
