#include "image/content.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

typedef struct mark {
    const char *name;
    bool is_read;
    size_t at; /* where the bytes stand */
    size_t size;
    const char *bytes;
} mark;

static const mark marks[] = {
    {"PNG", true, 0, 8, "\x89PNG\r\n\x1a\n"},
    {"JPEG", true, 0, 3, "\xff\xd8\xff"},
    {"GIF", true, 0, 6, "GIF87a"},
    {"GIF", true, 0, 6, "GIF89a"},
    {"Canon raw", false, 8, 2, "CR"}, /* a TIFF else */
    {"TIFF", true, 0, 4, "II*\0"},
    {"TIFF", true, 0, 4, "MM\0*"},
    {"TIFF", true, 0, 4, "II+\0"},
    {"TIFF", true, 0, 4, "MM\0+"},
    {"Olympus raw", false, 0, 4, "IIRO"},
    {"Olympus raw", false, 0, 4, "IIRS"},
    {"Panasonic raw", false, 0, 4, "IIU\0"},
    {"Fujifilm raw", false, 0, 15, "FUJIFILMCCD-RAW"},
    {"JPEG XR", false, 0, 3, "II\xbc"},
    {"JPEG 2000", false, 0, 12, "\0\0\0\x0cjP  \r\n\x87\n"},
    {"JPEG 2000", false, 0, 4, "\xff\x4f\xff\x51"},
    {"JPEG XL", false, 0, 12, "\0\0\0\x0cJXL \r\n\x87\n"},
    {"Photoshop", false, 0, 4, "8BPS"},
    {"OpenEXR", false, 0, 4, "\x76\x2f\x31\x01"},
    {"Radiance HDR", false, 0, 10, "#?RADIANCE"},
    {"DDS", false, 0, 4, "DDS "},
    {"QOI", false, 0, 4, "qoif"},
    {"MNG", false, 0, 8, "\x8aMNG\r\n\x1a\n"},
    {"BPG", false, 0, 4, "BPG\xfb"},
    {"FLIF", false, 0, 4, "FLIF"},
    {"FITS", false, 0, 9, "SIMPLE  ="},
    {"DICOM", false, 128, 4, "DICM"},
    {"PAM", false, 0, 3, "P7\n"},
    {"PFM", false, 0, 3, "PF\n"},
    {"PFM", false, 0, 3, "Pf\n"},
};

/* Containers of the ISO base media format say by a brand what they hold. */
static const char *const brands[][2] = {{"heic", "HEIC"}, {"heix", "HEIC"},     {"heim", "HEIC"}, {"heis", "HEIC"},
                                        {"hevc", "HEIC"}, {"mif1", "HEIF"},     {"msf1", "HEIF"}, {"avif", "AVIF"},
                                        {"avis", "AVIF"}, {"crx ", "Canon raw"}};

static bool is_bmp(const uint8_t *data, size_t size)
{
    if (size < 18 || memcmp(data, "BM", 2) != 0) return false;
    uint32_t header = data[14] | (uint32_t)data[15] << 8 | (uint32_t)data[16] << 16 | (uint32_t)data[17] << 24;
    return header == 12 || (header >= 40 && header <= 124);
}

static bool is_webp(const uint8_t *data, size_t size)
{
    return size >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

/* "P5", space, and a number or a comment. */
static bool is_pnm(const uint8_t *data, size_t size)
{
    size_t i = 2;
    if (size < 4 || data[0] != 'P' || data[1] < '1' || data[1] > '6') return false;
    while (i < size && data[i] && strchr(" \t\n\v\f\r", data[i])) i++;
    return (i > 2 || data[2] == '#') && i < size && (data[i] == '#' || (data[i] >= '0' && data[i] <= '9'));
}

static const char *brand_of(const uint8_t *data, size_t size)
{
    if (size < 12 || memcmp(data + 4, "ftyp", 4) != 0) return NULL;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (memcmp(data + 8, brands[i][0], 4) == 0) return brands[i][1];
    return NULL;
}

static bool is_marked(const uint8_t *data, size_t size, const mark *m)
{
    return size >= m->at + m->size && memcmp(data + m->at, m->bytes, m->size) == 0;
}

okng_content okng_image_content(const void *bytes, size_t size)
{
    const uint8_t *data = bytes;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const mark *m = &marks[i];
        bool tiff_first = m->at == 8; /* a raw that begins as a TIFF does */
        if (is_marked(data, size, m) && (!tiff_first || memcmp(data, "II*\0", 4) == 0))
            return (okng_content){m->name, m->is_read};
    }
    if (is_webp(data, size)) return (okng_content){"WebP", true};
    if (is_bmp(data, size)) return (okng_content){"BMP", true};
    if (is_pnm(data, size)) return (okng_content){"PNM", true};
    return (okng_content){brand_of(data, size), false};
}

const char *okng_image_unread_ending(const char *ending)
{
    static const char *const endings[][2] = {
        {"heic", "HEIC"},        {"heif", "HEIF"},      {"avif", "AVIF"},      {"jxl", "JPEG XL"},
        {"jp2", "JPEG 2000"},    {"j2k", "JPEG 2000"},  {"j2c", "JPEG 2000"},  {"jpf", "JPEG 2000"},
        {"jpx", "JPEG 2000"},    {"jpc", "JPEG 2000"},  {"jxr", "JPEG XR"},    {"wdp", "JPEG XR"},
        {"hdp", "JPEG XR"},      {"psd", "Photoshop"},  {"psb", "Photoshop"},  {"exr", "OpenEXR"},
        {"hdr", "Radiance HDR"}, {"tga", "Targa"},      {"pcx", "PCX"},        {"ico", "icon"},
        {"svg", "SVG"},          {"dds", "DDS"},        {"qoi", "QOI"},        {"dcm", "DICOM"},
        {"pam", "PAM"},          {"pfm", "PFM"},        {"dng", "camera raw"}, {"nef", "camera raw"},
        {"nrw", "camera raw"},   {"cr2", "camera raw"}, {"cr3", "camera raw"}, {"arw", "camera raw"},
        {"sr2", "camera raw"},   {"srf", "camera raw"}, {"orf", "camera raw"}, {"rw2", "camera raw"},
        {"raf", "camera raw"},   {"pef", "camera raw"}, {"srw", "camera raw"}, {"raw", "camera raw"},
        {"iiq", "camera raw"},   {"3fr", "camera raw"},
    };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(ending, endings[i][0]) == 0) return endings[i][1];
    return NULL;
}
