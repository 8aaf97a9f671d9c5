/* Leaves a process behind that is in no group with this one and keeps all its pipes, for a minute; ends itself. */
#include "module.h"
#include <stdlib.h>
#include <unistd.h>

ulong_t initialize(void *arguments) {
  (void)arguments;
  if (fork() == 0) {
    setsid();
    sleep(60);
  }
  _exit(3);
}
