/*
 * What the doubles of Windows' smart card providers have in common: the cards that they show, and how they end a program that calls them
 * wrongly. The cards stand in C:\providers.txt, one fact a line, tab-separated UTF-8:
 *   container <KSP|CSP> <reader> <name> <key spec> <certificate> <public key blob> <card's GUID>     (hex, or - for none)
 *   stored <KSP|CSP> <reader> <User|Root> <serialized element>     (hex)
 *   behavior <KSP|CSP> <reader> <crash|hang|unknown|endless|nameless|long|store-crash|store-endless|store-long|store-refused|all-readers>
 * What went on is added to C:\providers-<process>.log.
 */
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FACTS 64
#define MOST_HANDLES 64
#define LONGEST_TEXT 1024
#define MISUSE_EXIT_CODE 99
#define ENDLESS_COPIES 1000

typedef struct {
  char reader[LONGEST_TEXT];
  char name[LONGEST_TEXT];
  DWORD keySpec;
  BYTE *certificate, *blob, *guid;
  DWORD certificateLength, blobLength, guidLength;
} Container;

typedef struct {
  char reader[LONGEST_TEXT];
  char name[LONGEST_TEXT];
  BYTE *element;
  DWORD length;
} Stored;

/* A store that was given: this is the double's own reference to it. */
typedef struct {
  ULONG_PTR giver;
  HCERTSTORE store;
} Given;

static const char *providerName;
static Stored stored[MOST_FACTS];
static int storedCount;
static Given givenStores[MOST_HANDLES];
static Container containers[MOST_FACTS];
static int containerCount;
static char behaviors[MOST_FACTS][2][LONGEST_TEXT];
static int behaviorCount;

static void note(const char *text) {
  char path[64];
  snprintf(path, sizeof path, "C:\\providers-%lu.log", GetCurrentProcessId());
  FILE *log = fopen(path, "ab");
  if (log == NULL) return;
  fprintf(log, "%s %s\n", providerName, text);
  fclose(log);
}

/* The caller did what it must not do. */
static void misuse(const char *what) {
  char text[LONGEST_TEXT + 16];
  snprintf(text, sizeof text, "MISUSE %.900s", what);
  note(text);
  TerminateProcess(GetCurrentProcess(), MISUSE_EXIT_CODE);
}

static void demand(int isTrue, const char *what) {
  if (!isTrue) misuse(what);
}

static BYTE *bytesOf(const char *hex, DWORD *length) {
  *length = 0;
  if (strcmp(hex, "-") == 0) return NULL;
  BYTE *bytes = malloc(strlen(hex) / 2 + 1);
  for (unsigned value; sscanf(hex + 2 * *length, "%2x", &value) == 1; ++*length) bytes[*length] = (BYTE)value;
  return bytes;
}

static void readFact(char *line) {
  char *fields[8] = {0};
  int count = 0;
  for (char *field = strtok(line, "\t\r\n"); field != NULL && count < 8; field = strtok(NULL, "\t\r\n")) fields[count++] = field;
  if (count < 4 || strcmp(fields[1], providerName) != 0) return;
  if (strcmp(fields[0], "behavior") == 0 && behaviorCount < MOST_FACTS) {
    strcpy(behaviors[behaviorCount][0], fields[2]);
    strcpy(behaviors[behaviorCount++][1], fields[3]);
  }
  if (strcmp(fields[0], "stored") == 0 && count == 5 && storedCount < MOST_FACTS) {
    Stored *one = &stored[storedCount++];
    strcpy(one->reader, fields[2]);
    strcpy(one->name, fields[3]);
    one->element = bytesOf(fields[4], &one->length);
  }
  if (strcmp(fields[0], "container") == 0 && count == 8 && containerCount < MOST_FACTS) {
    Container *container = &containers[containerCount++];
    strcpy(container->reader, fields[2]);
    strcpy(container->name, fields[3]);
    container->keySpec = (DWORD)atoi(fields[4]);
    container->certificate = bytesOf(fields[5], &container->certificateLength);
    container->blob = bytesOf(fields[6], &container->blobLength);
    container->guid = bytesOf(fields[7], &container->guidLength);
  }
}

static void readFacts(const char *name) {
  static char line[300000];
  providerName = name;
  FILE *file = fopen("C:\\providers.txt", "r");
  if (file == NULL) return;
  while (fgets(line, sizeof line, file) != NULL) readFact(line);
  fclose(file);
}

static int behaves(const char *reader, const char *how) {
  for (int index = 0; index < behaviorCount; index++)
    if (strcmp(behaviors[index][0], reader) == 0 && strcmp(behaviors[index][1], how) == 0) return 1;
  return 0;
}

static void misbehave(const char *reader) {
  if (behaves(reader, "crash")) *(volatile int *)0 = 1;
  if (behaves(reader, "hang")) Sleep(INFINITE);
}

/* \\.\<reader>\<container>, as both providers understand it. */
static void splitName(const char *qualified, char *reader, char *container) {
  demand(strncmp(qualified, "\\\\.\\", 4) == 0, "a name without a reader");
  const char *end = strchr(qualified + 4, '\\');
  demand(end != NULL, "a reader without an end");
  strcpy(container, end + 1);
  memcpy(reader, qualified + 4, end - qualified - 4);
  reader[end - qualified - 4] = 0;
}

/* Fills the whole buffer first: one that is shorter than it is said to be does not survive it. */
static int fill(BYTE *buffer, DWORD size, const void *value, DWORD length) {
  if (buffer == NULL) return 0;
  memset(buffer, 0xCC, size);
  if (size < length) return 0;
  memcpy(buffer, value, length);
  return 1;
}

/* A memory store of crypt32 with what the reader's card has in it, NULL if that is nothing. The caller has to close it. */
static HCERTSTORE giveStore(ULONG_PTR giver, const char *reader, const char *name) {
  if (behaves(reader, "store-crash")) *(volatile int *)0 = 1;
  HCERTSTORE store = NULL;
  for (int index = 0; index < storedCount; index++) {
    const Stored *one = &stored[index];
    if (strcmp(one->reader, reader) != 0 || strcmp(one->name, name) != 0) continue;
    if (store == NULL) store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    for (int copies = behaves(reader, "store-endless") ? ENDLESS_COPIES : 1; copies > 0; copies--)
      demand(CertAddSerializedElementToStore(store, one->element, one->length, CERT_STORE_ADD_ALWAYS, 0, CERT_STORE_CERTIFICATE_CONTEXT_FLAG, NULL, NULL), "a fact that is no serialized element");
  }
  if (store == NULL) return NULL;
  for (int index = 0; index < MOST_HANDLES; index++)
    if (givenStores[index].store == NULL) {
      givenStores[index].giver = giver;
      givenStores[index].store = CertDuplicateStore(store);
      note("store opened");
      return store;
    }
  misuse("too many stores at a time");
  return NULL;
}

/* When the one who gave them goes, crypt32 must count no reference to its stores but the double's own: a certificate holds one too. */
static void endStores(ULONG_PTR giver) {
  for (int index = 0; index < MOST_HANDLES; index++) {
    if (givenStores[index].store == NULL || givenStores[index].giver != giver) continue;
    demand(CertCloseStore(givenStores[index].store, CERT_CLOSE_STORE_CHECK_FLAG), "a store or a certificate of it is still open");
    givenStores[index].store = NULL;
    note("store closed");
  }
}
