/* As much of PKCS #11 2.40 (section 3, section 5) as the modules in this folder need. */
#include <stddef.h>

#ifdef _WIN32
#pragma pack(push, 1)
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

typedef unsigned char byte;
typedef unsigned long ulong_t; /* CK_ULONG */

#define OK 0UL
#define GENERAL_ERROR 5UL
#define ATTRIBUTE_TYPE_INVALID 0x12UL
#define BUFFER_TOO_SMALL 0x150UL

#define CLASS 0UL
#define LABEL 3UL
#define VALUE 0x11UL
#define CERTIFICATE_TYPE 0x80UL
#define ID 0x102UL

typedef struct { byte major, minor; } version_t;

typedef struct {
  byte description[64], manufacturer[32];
  ulong_t flags;
  version_t hardware, firmware;
} slot_info_t;

typedef struct {
  byte label[32], manufacturer[32], model[16], serial[16];
  ulong_t flags, counts[10];
  version_t hardware, firmware;
  byte time[16];
} token_info_t;

typedef struct {
  ulong_t type;
  void *value;
  ulong_t length;
} attribute_t;

typedef struct {
  version_t version;
  void *functions[68];
} function_list_t;

#ifdef _WIN32
#pragma pack(pop)
#endif

/* What another file of the module may define instead. */
EXPORTED ulong_t C_GetFunctionList(function_list_t **list);
ulong_t initialize(void *arguments);
ulong_t finalize(void *reserved);
ulong_t get_slot_list(byte present, ulong_t *slots, ulong_t *count);
ulong_t get_slot_info(ulong_t slot, slot_info_t *info);
ulong_t get_token_info(ulong_t slot, token_info_t *info);
ulong_t open_session(ulong_t slot, ulong_t flags, void *application, void *notify, ulong_t *session);
ulong_t close_session(ulong_t session);
ulong_t get_attribute_value(ulong_t session, ulong_t object, attribute_t *attributes, ulong_t count);
ulong_t find_objects_init(ulong_t session, attribute_t *wanted, ulong_t count);
ulong_t find_objects(ulong_t session, ulong_t *objects, ulong_t most, ulong_t *count);
ulong_t find_objects_final(ulong_t session);

/* Gives an attribute's value as C_GetAttributeValue does. */
ulong_t give(attribute_t *attribute, const void *value, ulong_t length);

extern function_list_t function_list;
