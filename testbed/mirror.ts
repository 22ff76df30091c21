import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';

/** Serves a folder on loopback, as a mirror of istioctl's releases would; each request is a line of the log. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const path = normalize(new URL(request.url ?? '/', 'http://mirror').pathname);
  const file = join(root, path);
  let size: number | undefined;
  try {
    const stat = statSync(file);
    if (stat.isFile()) size = stat.size;
  } catch {
    // not there: 404 below
  }
  console.log(`${request.method} ${path} ${size === undefined ? 404 : 200}`);
  if (size === undefined) {
    response.writeHead(404).end('not found\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}

const [root = '.', port = '8000'] = process.argv.slice(2);
createServer((request, response) => serve(root, request, response)).listen(Number(port), '127.0.0.1');
