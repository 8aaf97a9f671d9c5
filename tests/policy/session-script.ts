/** Run by node.exe under Wine: prints whether its session is a remote one. */
import { isRemoteSession } from '../../engine/policy/session.js';

void isRemoteSession().then((remote) => {
  console.log(remote ? 'remote' : 'not remote');
});
