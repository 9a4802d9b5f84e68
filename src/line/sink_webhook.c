/* Sink: a webhook. The record is posted as JSON; an answer of 2xx acknowledges it. What may be better later is tried
 * again; what the receiver says it will never take is refused. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/clock.h"
#include "line/kinds.h"

enum { MOST_ANSWER = 1 << 20, SAID = 160 }; /* bytes of an answer that are read; that are told */

typedef struct webhook_sink {
    const okng_line_settings *settings;
    CURL *curl;
    double not_before; /* okng_clock: the receiver asked to wait until then */
} webhook_sink;

/* The beginning of an answer, for people. */
typedef struct heard {
    char text[SAID];
    size_t used, total;
} heard;

static size_t hear(char *data, size_t size, size_t count, void *user)
{
    heard *h = user;
    const size_t bytes = size * count, room = sizeof h->text - 1 - h->used, taken = bytes < room ? bytes : room;
    memcpy(h->text + h->used, data, taken);
    h->used += taken;
    h->total += bytes;
    return h->total > MOST_ANSWER ? 0 : bytes;
}

/* ---- the answer ---------------------------------------------------------------------------------------------------
 */

static bool may_be_better_later(long code)
{
    return code == 408 || code == 425 || code == 429 || code >= 500;
}

static okng_status judge(webhook_sink *sink, long code, heard *h, okng_error *error)
{
    curl_off_t wait = 0;
    if (code >= 200 && code < 300) return OKNG_OK;
    h->text[strcspn(h->text, "\r\n")] = '\0';
    const char *colon = *h->text ? ": " : "";
    if (!may_be_better_later(code))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "answered %ld%s%s", code, colon, h->text);
    if (curl_easy_getinfo(sink->curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
        sink->not_before = okng_clock() + (double)(wait < 3600 ? wait : 3600);
    return okng_fail(error, OKNG_ERROR_BUSY, "answered %ld%s%s", code, colon, h->text);
}

/* ---- the request --------------------------------------------------------------------------------------------------
 */

static bool append(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (longer) *list = longer;
    return longer != NULL;
}

static bool make_headers(const webhook_sink *sink, const okng_record *record, struct curl_slist **list)
{
    char text[128];
    const char *header;
    bool made = append(list, "Content-Type: application/json") && append(list, "Expect:");
    (void)snprintf(text, sizeof text, "Idempotency-Key: %s", record->id); /* the same whenever it is sent again */
    made = made && append(list, text);
    (void)snprintf(text, sizeof text, "X-Okng-Verdict: %s", okng_outcome_text(record->outcome));
    made = made && append(list, text);
    for (size_t i = 0; made && (header = okng_line_word(sink->settings, "headers", i)); i++)
        made = append(list, header);
    return made;
}

static bool set_up(webhook_sink *sink, const okng_line_result *result, struct curl_slist *headers, heard *h, char *why)
{
    CURL *curl = sink->curl;
    const char *ca = okng_line_text(sink->settings, "ca_file");
    const long limit = (long)(okng_line_number(sink->settings, "limit") * 1000);
    curl_easy_reset(curl); /* connections stay */
    return curl_easy_setopt(curl, CURLOPT_URL, okng_line_text(sink->settings, "url")) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, result->json) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)result->json_size) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limit) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "okng") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hear) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, h) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why) == CURLE_OK &&
           (!ca || curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK);
}

static okng_status post(webhook_sink *sink, const okng_line_result *result, struct curl_slist *headers,
                        okng_error *error)
{
    char why[CURL_ERROR_SIZE] = "";
    heard h = {0};
    long code = 0;
    if (!set_up(sink, result, headers, &h, why)) return okng_fail_memory(error, result->json_size);
    const CURLcode done = curl_easy_perform(sink->curl);
    if (done == CURLE_OUT_OF_MEMORY) return okng_fail_memory(error, result->json_size);
    if (done != CURLE_OK)
        return okng_fail(error, OKNG_ERROR_IO, "no answer: %s", *why ? why : curl_easy_strerror(done));
    (void)curl_easy_getinfo(sink->curl, CURLINFO_RESPONSE_CODE, &code);
    return judge(sink, code, &h, error);
}

static okng_status send_result(void *handle, const okng_line_result *result, okng_error *error)
{
    webhook_sink *sink = handle;
    struct curl_slist *headers = NULL;
    const double left = sink->not_before - okng_clock();
    if (left > 0) return okng_fail(error, OKNG_ERROR_BUSY, "the receiver asked to wait for %.0f s", left);
    okng_status status = make_headers(sink, result->record, &headers) ? OKNG_OK : okng_fail_memory(error, 1 << 10);
    if (status == OKNG_OK) status = post(sink, result, headers, error);
    curl_slist_free_all(headers);
    return status;
}

/* ---- beginning and end --------------------------------------------------------------------------------------------
 */

static okng_status check(const okng_line_settings *settings, okng_error *error)
{
    const char *url = okng_line_text(settings, "url"), *header;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "url: found \"%.80s\", expected http://... or https://...", url);
    for (size_t i = 0; (header = okng_line_word(settings, "headers", i)); i++)
        if (!strchr(header, ':') || strpbrk(header, "\r\n"))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "headers: found \"%.40s\", expected \"Name: value\"", header);
    return OKNG_OK;
}

static okng_status open_sink(void **out, const okng_line_settings *settings, okng_line *line, okng_error *error)
{
    webhook_sink *sink = calloc(1, sizeof *sink);
    (void)line;
    *out = sink;
    if (!sink) return okng_fail_memory(error, sizeof *sink);
    sink->settings = settings;
    sink->curl = curl_easy_init();
    if (sink->curl) return OKNG_OK;
    free(sink);
    *out = NULL;
    return okng_fail_memory(error, 1 << 10);
}

static void close_sink(void **out)
{
    webhook_sink *sink = *out;
    if (!sink) return;
    curl_easy_cleanup(sink->curl);
    free(sink);
    *out = NULL;
}

/* clang-format off */
static const okng_line_key keys[] = {
    {.name = "url", .type = OKNG_LINE_TEXT, .values = "URL", .required = true, .help = N_("address that results are posted to")},
    {.name = "headers", .type = OKNG_LINE_WORDS, .values = "[\"Name: value\", ...]", .help = N_("headers that are sent along, such as a token")},
    {.name = "limit", .type = OKNG_LINE_NUMBER, .values = "SECONDS", .initial = "10", .low = 0.05, .high = 600, .help = N_("time that an answer may take")},
    {.name = "ca_file", .type = OKNG_LINE_PATH, .values = "FILE", .help = N_("certificates that the receiver's is checked by, in place of the system's")},
    {0},
};
/* clang-format on */

const okng_line_sink_kind okng_line_sink_webhook = {
    .name = "webhook",
    .summary = N_("posts each result to an address"),
    .keys = keys,
    .delivery = OKNG_DELIVER_EVERY,
    .check = check,
    .open = open_sink,
    .send = send_result,
    .close = close_sink,
};
