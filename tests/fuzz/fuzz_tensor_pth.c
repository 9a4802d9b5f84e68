/* Any bytes as a .pth file of both containers; and, to get past the zip, as the data.pkl of a good one, of
 * torch.save and of torch.jit.save. */
#include <stdlib.h>
#include <string.h>

#include "tensor/bytes.h"
#include "tensor_fuzz.h"

enum { LOCAL = 30, CENTRAL = 46, END = 22, NAME = 10, NAME_SCRIPT = 15, KEY_NAME = 8, STORAGE = 64 };

typedef struct output {
    uint8_t *bytes;
    size_t used;
} output;

static void put_header(output *out, const char *name, size_t size, bool central, size_t offset)
{
    uint8_t *at = out->bytes + out->used;
    size_t fixed = central ? CENTRAL : LOCAL, shift = central ? 2 : 0, length = strlen(name);
    memset(at, 0, fixed);
    memcpy(at, central ? "PK\1\2" : "PK\3\4", 4);
    okng_store_u32(at + 18 + shift, (uint32_t)size);
    okng_store_u32(at + 22 + shift, (uint32_t)size);
    okng_store_u16(at + 26 + shift, (uint16_t)length);
    if (central) okng_store_u32(at + 42, (uint32_t)offset);
    memcpy(at + fixed, name, length);
    out->used += fixed + length;
}

/* A zip of a/data.pkl, which is the input, and a/data/0, which is zeros; of a script there is a/constants.pkl besides.
 */
static void open_as_pickle(const uint8_t *data, size_t size, bool script)
{
    size_t room = 2 * (LOCAL + CENTRAL + NAME + KEY_NAME) + 2 * NAME_SCRIPT + LOCAL + CENTRAL + size + STORAGE + END;
    output out = {malloc(room), 0};
    if (!out.bytes) return;
    put_header(&out, "a/data.pkl", size, false, 0);
    if (size > 0) memcpy(out.bytes + out.used, data, size);
    out.used += size;
    size_t second = out.used;
    put_header(&out, "a/data/0", STORAGE, false, 0);
    memset(out.bytes + out.used, 0, STORAGE);
    out.used += STORAGE;
    size_t third = out.used;
    if (script) put_header(&out, "a/constants.pkl", 0, false, 0);
    size_t directory = out.used;
    put_header(&out, "a/data.pkl", size, true, 0);
    put_header(&out, "a/data/0", STORAGE, true, second);
    if (script) put_header(&out, "a/constants.pkl", 0, true, third);
    uint8_t *end = out.bytes + out.used;
    memset(end, 0, END);
    memcpy(end, "PK\5\6", 4);
    okng_store_u16(end + 8, script ? 3 : 2);
    okng_store_u16(end + 10, script ? 3 : 2);
    okng_store_u32(end + 12, (uint32_t)(out.used - directory));
    okng_store_u32(end + 16, (uint32_t)directory);
    out.used += END;
    fuzz_open(out.bytes, out.used);
    free(out.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_open(data, size);
    open_as_pickle(data, size, false);
    open_as_pickle(data, size, true);
    return 0;
}
