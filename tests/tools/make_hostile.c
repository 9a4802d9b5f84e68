/* Writes a hostile file of one kind: plain to the eye, dear to a reader that believes it. Made when a test needs it,
 * since some have 60 MB. Usage: make_hostile KIND FILE [WORD]; make_hostile alone lists the kinds. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LARGE = 60 << 20 }; /* bytes of a file that is large */

static FILE *out;
static const char *word = ""; /* of the command line: the name of a member, or "stream" */

/* ---- bytes ---------------------------------------------------------------------------------- */

typedef struct buffer {
    uint8_t *data;
    size_t size, room;
} buffer;

static void add(buffer *b, const void *data, size_t size)
{
    if (b->room - b->size < size) {
        b->room = 2 * (b->size + size);
        b->data = realloc(b->data, b->room);
        if (!b->data) exit(1);
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void add_text(buffer *b, const char *text)
{
    add(b, text, strlen(text));
}

static void add_little(buffer *b, int width, uint64_t number)
{
    for (int i = 0; i < width; i++) add(b, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

static void add_big(buffer *b, int width, uint64_t number)
{
    for (int i = width; i-- > 0;) add(b, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

/* `part` again and again until there are `bytes` more. */
static void fill(buffer *b, const char *part, size_t bytes)
{
    const size_t length = strlen(part);
    for (size_t done = 0; done < bytes; done += length) add(b, part, length);
}

static void write_out(buffer *b)
{
    (void)fwrite(b->data, 1, b->size, out);
    free(b->data);
    *b = (buffer){0};
}

static void text_of(const char *before, const char *part, size_t bytes, const char *after)
{
    buffer b = {0};
    add_text(&b, before);
    fill(&b, part, bytes);
    add_text(&b, after);
    write_out(&b);
}

/* `bytes` zeros, deflated. window: as deflateInit2 has it. */
static void add_zeros(buffer *b, size_t bytes, int window)
{
    static uint8_t zeros[1 << 16], packed[1 << 16];
    z_stream stream = {0};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY) != Z_OK) exit(1);
    for (size_t left = bytes; left > 0;) {
        size_t some = left < sizeof zeros ? left : sizeof zeros;
        left -= some;
        stream.next_in = zeros;
        stream.avail_in = (uInt)some;
        do {
            stream.next_out = packed;
            stream.avail_out = sizeof packed;
            (void)deflate(&stream, left > 0 ? Z_NO_FLUSH : Z_FINISH);
            add(b, packed, sizeof packed - stream.avail_out);
        } while (stream.avail_out == 0);
    }
    (void)deflateEnd(&stream);
}

/* ---- JSON: a member WORD ---------------------------------------------------------------------- */

static void json_of(const char *before, const char *part, const char *after)
{
    buffer b = {0};
    add_text(&b, "{\"");
    add_text(&b, word);
    add_text(&b, "\": ");
    add_text(&b, before);
    fill(&b, part, LARGE);
    add_text(&b, after);
    write_out(&b);
}

static void json_numbers(void)
{
    json_of("[", "0,", "0]}");
}

static void json_objects(void)
{
    json_of("[", "{},", "0]}");
}

static void json_texts(void)
{
    json_of("[", "\"\",", "0]}");
}

static void json_text(void)
{
    json_of("\"", "0123456789abcdef", "\"}");
}

static void json_depth(void)
{
    json_of("", "[", "");
}

static void json_members(void)
{
    buffer b = {0};
    add_text(&b, "{");
    for (unsigned i = 0; b.size < LARGE; i++) {
        char member[32];
        (void)snprintf(member, sizeof member, "\"%x\":0,", i);
        add_text(&b, member);
    }
    add_text(&b, "\"x\":0}");
    write_out(&b);
}

/* ---- .safetensors --------------------------------------------------------------------------- */

static void write_header(buffer *header)
{
    buffer b = {0};
    add_little(&b, 8, header->size);
    write_out(&b);
    write_out(header);
}

static void safetensors_tensors(void)
{
    buffer b = {0};
    add_text(&b, "{");
    for (int i = 0; i < 500000; i++) {
        char tensor[96];
        (void)snprintf(tensor, sizeof tensor, "%s\"t%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
                       i ? "," : "", i);
        add_text(&b, tensor);
    }
    add_text(&b, "}");
    write_header(&b);
}

static void safetensors_metadata(void)
{
    buffer b = {0};
    add_text(&b, "{\"__metadata__\":{\"a\":\"");
    fill(&b, "0123456789abcdef", 95 << 20);
    add_text(&b, "\"}}");
    write_header(&b);
}

static void safetensors_lists(void)
{
    buffer b = {0};
    add_text(&b, "{\"a\":[");
    fill(&b, "{},", 30 << 20);
    add_text(&b, "0]}");
    write_header(&b);
}

/* ---- pickles, in a zip or in a stream -------------------------------------------------------- */

static void add_record(buffer *b, bool central, const char *name, uint64_t size, uint64_t packed, unsigned method,
                       uint64_t at)
{
    add(b, central ? "PK\1\2" : "PK\3\4", 4);
    if (central) add_little(b, 2, 20);
    add_little(b, 2, 20);
    add_little(b, 2, 0);
    add_little(b, 2, method);
    add_little(b, 8, 0); /* time, date, checksum */
    add_little(b, 4, packed);
    add_little(b, 4, size);
    add_little(b, 2, strlen(name));
    add_little(b, 2, 0);
    if (central) {
        add_little(b, 8, 0);
        add_little(b, 2, 0);
        add_little(b, 4, at);
    }
    add_text(b, name);
}

static void add_end(buffer *b, uint64_t entries, uint64_t directory)
{
    const uint64_t size = b->size - directory, at = b->size;
    const bool large = entries >= UINT16_MAX; /* zip64 */
    if (large) {
        add(b, "PK\6\6", 4);
        add_little(b, 8, 44);
        add_little(b, 4, 45 << 16 | 45);
        add_little(b, 8, 0);
        add_little(b, 8, entries);
        add_little(b, 8, entries);
        add_little(b, 8, size);
        add_little(b, 8, directory);
        add(b, "PK\6\7", 4);
        add_little(b, 4, 0);
        add_little(b, 8, at);
        add_little(b, 4, 1);
    }
    add(b, "PK\5\6", 4);
    add_little(b, 4, 0);
    add_little(b, 2, large ? UINT16_MAX : entries);
    add_little(b, 2, large ? UINT16_MAX : entries);
    add_little(b, 4, large ? UINT32_MAX : size);
    add_little(b, 4, large ? UINT32_MAX : directory);
    add_little(b, 2, 0);
}

static bool in_stream(void)
{
    return strcmp(word, "stream") == 0;
}

/* A .pth whose data.pkl is `pickle`; of WORD "stream" the object of the older container. */
static void write_pickle(buffer *pickle)
{
    static const char before[] = "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M\xe9\3.\x80\2}.";
    buffer b = {0};
    if (in_stream()) {
        add(&b, before, sizeof before - 1);
        add(&b, pickle->data, pickle->size);
        add(&b, "\x80\2].", 4);
    } else {
        add_record(&b, false, "a/data.pkl", pickle->size, pickle->size, 0, 0);
        add(&b, pickle->data, pickle->size);
        const size_t directory = b.size;
        add_record(&b, true, "a/data.pkl", pickle->size, pickle->size, 0, 0);
        add_end(&b, 1, directory);
    }
    free(pickle->data);
    write_out(&b);
}

/* The same few opcodes again and again. */
static void pickle_of(const char *before, const char *part, size_t bytes)
{
    buffer b = {0};
    add(&b, "\x80\2", 2);
    add_text(&b, before);
    fill(&b, part, bytes);
    add_text(&b, "}.");
    write_pickle(&b);
}

static void pickle_values(void)
{
    pickle_of("", "N0", LARGE);
}

static void pickle_stack(void)
{
    pickle_of("", "N", LARGE);
}

static void pickle_marks(void)
{
    pickle_of("", "(", LARGE);
}

static void pickle_items(void)
{
    pickle_of("]", "Na", LARGE);
}

/* What one list holds is put into a dict, again and again. */
static void pickle_copies(void)
{
    buffer b = {0};
    add(&b, "\x80\2]q\0", 5);
    for (int i = 0; i < 1000; i++)
        add_text(&b, "NN\x86"
                     "a"); /* pairs */
    add_text(&b, "0");
    for (int i = 0; i < 100000; i++) {
        add_text(&b, "ccollections\nOrderedDict\n");
        add(&b, "h\0\x85R0", 5);
    }
    add_text(&b, "}.");
    write_pickle(&b);
}

/* Storages, whose description is larger than that of a value; all of one key, which is long where it can be. */
static void pickle_storages(void)
{
    buffer b = {0};
    add(&b, "\x80\2(", 3);
    add(&b, "X\7\0\0\0storagectorch\nFloatStorage\nX", 33);
    const size_t length = in_stream() ? 8 << 20 : 100;
    add_little(&b, 4, length);
    fill(&b, "k", length);
    add(&b,
        "X\3\0\0\0cpuJ\0\0\0\0tq\0"
        "0",
        17);
    while (b.size < LARGE) add(&b, "h\0Q0", 4);
    add_text(&b, "}.");
    write_pickle(&b);
}

/* Tensors by the hundred thousand, all with one long name. */
static void pickle_tensors(void)
{
    buffer b = {0};
    add(&b, "\x80\2}X", 4);
    add_little(&b, 4, 4000);
    fill(&b, "n", 4000);
    add(&b,
        "q\0"
        "0ctorch._utils\n_rebuild_tensor_v2\n((",
        38);
    add(&b, "X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuJ\0\0\0\0tQ", 53);
    add(&b,
        "K\0K\0\x85K\1\x85\x89}tRq\1"
        "0(",
        16);
    for (int i = 0; i < 200000; i++) {
        add(&b, "h\0h\1", 4);
        if (i % 1000 == 999) add_text(&b, "u(");
    }
    add_text(&b, "u.");
    write_pickle(&b);
}

static void zip_entries(void)
{
    enum { COUNT = 600000 };
    buffer b = {0}, directory = {0};
    char name[16];
    for (unsigned i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "a/%x", i);
        add_record(&directory, true, name, 0, 0, 0, b.size);
        add_record(&b, false, name, 0, 0, 0, 0);
    }
    const size_t at = b.size;
    add(&b, directory.data, directory.size);
    free(directory.data);
    add_end(&b, COUNT, at);
    write_out(&b);
}

static void zip_bomb(void)
{
    buffer b = {0}, packed = {0};
    add_zeros(&packed, (size_t)256 << 20, -15);
    add_record(&b, false, "a/data.pkl", 256 << 20, packed.size, 8, 0);
    add(&b, packed.data, packed.size);
    const size_t directory = b.size;
    add_record(&b, true, "a/data.pkl", 256 << 20, packed.size, 8, 0);
    add_end(&b, 1, directory);
    free(packed.data);
    write_out(&b);
}

static void zip_lies(void)
{
    buffer b = {0};
    add_record(&b, false, "a/data.pkl", 0xfffffff0, 0xfffffff0, 0, 0);
    const size_t directory = b.size;
    add_record(&b, true, "a/data.pkl", 0xfffffff0, 0xfffffff0, 0, 0);
    add_end(&b, (uint64_t)1 << 40, directory);
    write_out(&b);
}

/* ---- arrays and indexes ---------------------------------------------------------------------- */

static void npy_of(unsigned major, uint64_t length, const char *shape)
{
    buffer b = {0};
    add(&b, "\x93NUMPY", 6);
    add_little(&b, 2, major);
    add_little(&b, major == 1 ? 2 : 4, length);
    const size_t begin = b.size;
    add_text(&b, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    add_text(&b, shape);
    add_text(&b, "), }");
    while (b.size - begin < length && b.size < LARGE) add_text(&b, " ");
    write_out(&b);
}

static void npy_shape(void)
{
    npy_of(1, 118, "1000000000000, 4");
}

static void npy_header(void)
{
    npy_of(2, 0xfffffff0, "1, 1");
}

static void faiss_rows(void)
{
    buffer b = {0};
    add_text(&b, "IxF2");
    add_little(&b, 4, 4);
    add_little(&b, 8, (uint64_t)1 << 40);
    add_little(&b, 8, 0);
    add_little(&b, 8, 0);
    add_little(&b, 1, 1);
    add_little(&b, 4, 1);
    add_little(&b, 8, (uint64_t)1 << 42);
    fill(&b, "0123456789abcdef", 300 << 20);
    write_out(&b);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void yaml_lists(void)
{
    text_of("a: ", "[", 262000, "");
}

static void yaml_sections(void)
{
    buffer b = {0};
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < i; j++) add_text(&b, " ");
        add_text(&b, "a:\n");
    }
    write_out(&b);
}

static void yaml_aliases(void)
{
    text_of("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: ", "[*b,*b,*b,*b,*b,*b,*b,*b,*b]\n", 1,
            "");
}

static void yaml_keys(void)
{
    buffer b = {0};
    for (int i = 0; i < 20000; i++) {
        char line[16];
        (void)snprintf(line, sizeof line, "k%d: v\n", i);
        add_text(&b, line);
    }
    write_out(&b);
}

static void yaml_large(void)
{
    text_of("", "key: value\n", LARGE, "");
}

static void yaml_documents(void)
{
    text_of("", "---\n", 262000, "");
}

static void csv_rows(void)
{
    text_of("score,label\n", "1,0\n", LARGE, "");
}

static void csv_columns(void)
{
    text_of("", "a,", LARGE, "\n");
}

static void csv_field(void)
{
    text_of("score,label\n", "11111111", LARGE, ",1\n");
}

static void csv_quote(void)
{
    text_of("score,label\n\"", "1,0\n", LARGE, "");
}

static void csv_huge(void)
{
    text_of("score,label\n", "0.123456789012345678901234567890,0\n", (size_t)250 << 20, "");
}

/* A catalogue whose texts are the ends of one another, each the longer the later. */
static void catalogue_texts(void)
{
    enum { COUNT = 20000, TEXT = 2 << 20, HEAD = 28 };
    buffer b = {0};
    const uint64_t head[] = {0x950412de, 0, COUNT, HEAD, HEAD + 8 * COUNT, 0, HEAD + 16 * COUNT};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) add_little(&b, 4, head[i]);
    for (uint64_t i = 0; i < 2 * COUNT; i++) {
        const uint64_t length = TEXT - COUNT + i % COUNT;
        add_little(&b, 4, length);
        add_little(&b, 4, HEAD + 16 * (uint64_t)COUNT + TEXT - length);
    }
    fill(&b, "a", TEXT);
    add(&b, "", 1);
    write_out(&b);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void add_chunk(buffer *b, const char *type, const void *data, size_t size)
{
    add_big(b, 4, size);
    const size_t at = b->size;
    add(b, type, 4);
    if (size > 0) add(b, data, size);
    add_big(b, 4, crc32(0, b->data + at, (uInt)(b->size - at)));
}

static void begin_png(buffer *b, uint32_t width, uint32_t height, unsigned depth, unsigned colour, unsigned interlace)
{
    buffer header = {0};
    add(b, "\x89PNG\r\n\x1a\n", 8);
    add_big(&header, 4, width);
    add_big(&header, 4, height);
    add_big(&header, 1, depth);
    add_big(&header, 1, colour);
    add_big(&header, 3, interlace);
    add_chunk(b, "IHDR", header.data, header.size);
    free(header.data);
}

static void end_png(buffer *b)
{
    buffer pixels = {0};
    add_zeros(&pixels, 4, 15);
    add_chunk(b, "IDAT", pixels.data, pixels.size);
    add_chunk(b, "IEND", NULL, 0);
    free(pixels.data);
    write_out(b);
}

/* One chunk that unpacks to 256 MiB. */
static void png_bomb_of(const char *type)
{
    buffer b = {0}, text = {0};
    begin_png(&b, 1, 1, 8, 2, 0);
    add(&text, "a\0\0", 3);
    add_zeros(&text, (size_t)256 << 20, 15);
    add_chunk(&b, type, text.data, text.size);
    free(text.data);
    end_png(&b);
}

static void png_text_bomb(void)
{
    png_bomb_of("zTXt");
}

static void png_profile_bomb(void)
{
    png_bomb_of("iCCP");
}

static void png_chunks_of(const char *type, const char *data, size_t size)
{
    buffer b = {0};
    begin_png(&b, 1, 1, 8, 2, 0);
    while (b.size < LARGE) add_chunk(&b, type, data, size);
    write_out(&b);
}

static void png_texts(void)
{
    png_chunks_of("tEXt", "a\0b", 3);
}

static void png_unknown(void)
{
    png_chunks_of("abCd", "a", 1);
}

static void png_size(void)
{
    buffer b = {0};
    begin_png(&b, 0x7fffffff, 0x7fffffff, 16, 6, 1);
    end_png(&b);
}

/* Within the limit of pixels, and all of them missing. */
static void png_short(void)
{
    buffer b = {0};
    begin_png(&b, 10000, 10000, 16, 6, 1);
    end_png(&b);
}

static void begin_jpeg(buffer *b, unsigned frame, unsigned side)
{
    add(b, "\xff\xd8\xff\xdb\0\x43\0", 7);
    fill(b, "\1", 64);
    add_big(b, 2, 0xff00 | frame);
    add_big(b, 3, 11 << 8 | 8);
    add_big(b, 2, side);
    add_big(b, 2, side);
    add(b, "\1\1\x11\0", 4);
    for (unsigned table = 0; table < 2;
         table++) { /* one code of one bit: a DC of 0; of AC a run of 2^14 empty blocks */
        add_big(b, 2, 0xffc4);
        add_big(b, 2, 20);
        add_big(b, 1, table << 4);
        add_big(b, 1, 1);
        add_big(b, 8, 0);
        add_big(b, 7, 0);
        add_big(b, 1, table ? 0xe0 : 0);
    }
}

static void add_scan(buffer *b, unsigned first, unsigned last, size_t bytes)
{
    add(b, "\xff\xda\0\x08\1\1\0", 7);
    add_big(b, 3, first << 16 | last << 8);
    for (size_t i = 0; i < bytes; i++) add(b, "", 1);
}

static void jpeg_scans(void)
{
    enum { SIDE = 8000, BLOCKS = (SIDE / 8) * (SIDE / 8) };
    buffer b = {0};
    begin_jpeg(&b, 0xc2, SIDE);
    add_scan(&b, 0, 0, BLOCKS / 8 + 1);
    for (int i = 0; i < 20000; i++) add_scan(&b, 1, 63, ((BLOCKS / 16384 + 1) * 15 + 7) / 8);
    add(&b, "\xff\xd9", 2);
    write_out(&b);
}

static void jpeg_size(void)
{
    buffer b = {0};
    begin_jpeg(&b, 0xc0, 65500);
    add_scan(&b, 0, 63, 10);
    write_out(&b);
}

/* Within the limit of pixels, all of its memory taken at once, and its data missing. */
static void jpeg_short(void)
{
    buffer b = {0};
    begin_jpeg(&b, 0xc2, 10000);
    add_scan(&b, 0, 0, 10);
    write_out(&b);
}

static void jpeg_markers(void)
{
    buffer b = {0};
    add(&b, "\xff\xd8", 2);
    while (b.size < LARGE) add(&b, "\xff\xe1\0\2", 4);
    write_out(&b);
}

static void add_tag(buffer *b, unsigned tag, unsigned type, uint64_t count, uint64_t value)
{
    add_little(b, 2, tag);
    add_little(b, 2, type);
    add_little(b, 4, count);
    add_little(b, 4, value);
}

static void tiff_of(uint32_t width, uint32_t height, uint64_t strips, unsigned more)
{
    buffer b = {0};
    add(&b, "II*\0\10\0\0\0", 8);
    add_little(&b, 2, 9 + more);
    add_tag(&b, 256, 4, 1, width);
    add_tag(&b, 257, 4, 1, height);
    add_tag(&b, 258, 3, 1, 8);
    add_tag(&b, 259, 3, 1, 1);
    add_tag(&b, 262, 3, 1, 1);
    add_tag(&b, 273, 4, strips, 200);
    add_tag(&b, 277, 3, 1, 1);
    add_tag(&b, 278, 4, 1, 1);
    add_tag(&b, 279, 4, strips, 200);
    for (unsigned i = 0; i < more; i++) add_tag(&b, 300 + i, 7, UINT32_MAX, 8);
    add_little(&b, 4, 8); /* the next directory is this one */
    fill(&b, "0123456789abcdef", 4096);
    write_out(&b);
}

static void tiff_tags(void)
{
    tiff_of(1, 1, 1, 65000);
}

static void tiff_strips(void)
{
    tiff_of(1, 60000, 0xffffffff, 0);
}

static void tiff_tall(void)
{
    tiff_of(1, 99999999, 1, 0);
}

static void tiff_size(void)
{
    tiff_of(0xffffffff, 0xffffffff, 1, 0);
}

static void webp_size(void)
{
    buffer b = {0};
    add(&b, "RIFF\x34\0\0\0WEBPVP8L\x28\0\0\0\x2f\xff\xff\xff\x0f", 25);
    fill(&b, "\xaa", 35);
    write_out(&b);
}

static void gif_frames(void)
{
    buffer b = {0};
    add(&b, "GIF89a\x10\x27\x10\x27\x80\0\0\0\0\0\xff\xff\xff", 19);
    while (b.size < LARGE) add(&b, ",\0\0\0\0\x10\x27\x10\x27\0\2\2\x44\1\0", 15);
    add_text(&b, ";");
    write_out(&b);
}

static void bmp_size(void)
{
    buffer b = {0};
    add(&b, "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18);
    add_little(&b, 4, 0x7fffffff);
    add_little(&b, 4, 0x80000000);
    add_little(&b, 4, 24 << 16 | 1);
    add_little(&b, 8, 0);
    add_little(&b, 8, 0);
    add_little(&b, 8, 0);
    write_out(&b);
}

static void pnm_size(void)
{
    text_of("P6 999999999 999999999 255\n", "0", 100, "");
}

static void pnm_comment(void)
{
    text_of("P5 #", "comment ", LARGE, "");
}

/* What is nothing that okng reads, whatever it is called. */
static void garbage(void)
{
    text_of("", "no picture, no weights, no table ", (size_t)600 << 20, "");
}

/* ---- the kinds ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*write)(void);
} kinds[] = {
    {"json-numbers", json_numbers},
    {"json-objects", json_objects},
    {"json-texts", json_texts},
    {"json-text", json_text},
    {"json-depth", json_depth},
    {"json-members", json_members},
    {"safetensors-tensors", safetensors_tensors},
    {"safetensors-metadata", safetensors_metadata},
    {"safetensors-lists", safetensors_lists},
    {"pickle-values", pickle_values},
    {"pickle-stack", pickle_stack},
    {"pickle-marks", pickle_marks},
    {"pickle-items", pickle_items},
    {"pickle-copies", pickle_copies},
    {"pickle-storages", pickle_storages},
    {"pickle-tensors", pickle_tensors},
    {"zip-entries", zip_entries},
    {"zip-bomb", zip_bomb},
    {"zip-lies", zip_lies},
    {"npy-shape", npy_shape},
    {"npy-header", npy_header},
    {"faiss-rows", faiss_rows},
    {"yaml-lists", yaml_lists},
    {"yaml-sections", yaml_sections},
    {"yaml-aliases", yaml_aliases},
    {"yaml-keys", yaml_keys},
    {"yaml-large", yaml_large},
    {"yaml-documents", yaml_documents},
    {"csv-rows", csv_rows},
    {"csv-columns", csv_columns},
    {"csv-field", csv_field},
    {"csv-quote", csv_quote},
    {"csv-huge", csv_huge},
    {"catalogue-texts", catalogue_texts},
    {"png-text-bomb", png_text_bomb},
    {"png-profile-bomb", png_profile_bomb},
    {"png-texts", png_texts},
    {"png-unknown", png_unknown},
    {"png-size", png_size},
    {"png-short", png_short},
    {"jpeg-scans", jpeg_scans},
    {"jpeg-size", jpeg_size},
    {"jpeg-short", jpeg_short},
    {"jpeg-markers", jpeg_markers},
    {"tiff-tags", tiff_tags},
    {"tiff-strips", tiff_strips},
    {"tiff-tall", tiff_tall},
    {"tiff-size", tiff_size},
    {"webp-size", webp_size},
    {"gif-frames", gif_frames},
    {"bmp-size", bmp_size},
    {"pnm-size", pnm_size},
    {"pnm-comment", pnm_comment},
    {"garbage", garbage},
};

int main(int argc, char **argv)
{
    const size_t count = sizeof kinds / sizeof kinds[0];
    if (argc < 3) {
        for (size_t i = 0; i < count; i++) (void)puts(kinds[i].name);
        return argc == 1 ? 0 : 2;
    }
    if (argc > 3) word = argv[3];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kinds[i].name, argv[1]) != 0) continue;
        out = fopen(argv[2], "wb");
        if (!out) {
            perror(argv[2]);
            return 1;
        }
        kinds[i].write();
        return fclose(out) == 0 ? 0 : 1;
    }
    (void)fprintf(stderr, "make_hostile: there is no kind %s\n", argv[1]);
    return 2;
}
