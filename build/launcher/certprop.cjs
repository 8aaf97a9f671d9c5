// Starts the engine if this Node is new enough. ECMAScript 5: it has to run on the Node that it refuses.
'use strict';

var needed = [20, 19];
var found = process.versions.node.split('.').map(Number);
var supported = found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1]);

if (supported) {
  require('./engine.cjs');
} else {
  process.stderr.write(
    'CertProp needs Node.js ' + needed.join('.') + ' or later; this is ' + process.versions.node + '.\n'
  );
  process.exit(3);
}
