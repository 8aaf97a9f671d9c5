/**
 * Run by node.exe under Wine: starts the engine as the module does, through pipes and with a built environment, and joins its standard
 * input and output to a TCP port of this machine. Arguments: the port, the engine's script, a file for the engine's standard error, the
 * names of the variables that the engine gets (comma-separated). Ends with the engine's exit code.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

const [port = '', script = '', errors = '', kept = ''] = process.argv.slice(2);

const environment: NodeJS.ProcessEnv = { UV_THREADPOOL_SIZE: '64' };
for (const name of kept.split(',')) {
  const value = process.env[name];
  if (value !== undefined && value !== '') environment[name] = value;
}

const engine = spawn(process.execPath, [script, '--parent', String(process.pid), '--idle', '600000'], {
  cwd: dirname(script),
  env: environment,
});
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
socket.pipe(engine.stdin);
engine.stdout.pipe(socket);
engine.stderr.pipe(createWriteStream(errors));
engine.stdin.on('error', () => undefined);
socket.on('error', () => {
  engine.stdin.end();
});
engine.on('close', (exitCode) => {
  socket.destroySoon();
  process.exitCode = exitCode ?? 255;
});
