/* Any bytes as the two files of AF-CLIP, and as the adapter beside a good prompt: values that are read are finite, and
 * what is refused is refused with a reason. */
#include "import/afclip.h"
#include "memory_file.h"
#include "tensor/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char prompt_path[sizeof memory_folder + 32];

static void remove_prompt(void)
{
    (void)unlink(prompt_path);
}

static void make_prompt(void)
{
    static float zeros[12];
    const okng_array array = {OKNG_F32, 2, {12, 1}, zeros, sizeof zeros};
    const okng_named_array tensor = {"prompt", &array};
    (void)snprintf(prompt_path, sizeof prompt_path, "%s/prompt.safetensors", memory_folder);
    if (okng_safetensors_write_arrays(prompt_path, &tensor, 1, NULL) != OKNG_OK) abort();
    (void)atexit(remove_prompt);
}

static void import(const char *prompt)
{
    const okng_afclip_files files = {sizeof files, prompt, memory_path, "clip-vit-b-16"}; /* whose widths are others */
    okng_afclip_report report;
    okng_error error = {0};
    char out[sizeof memory_folder + 8];
    (void)snprintf(out, sizeof out, "%s/out", memory_folder);
    if (okng_import_afclip_files(&files, out, &report, &error) != OKNG_OK && !error.message[0]) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory_file("released.pt", data, size);
    if (!prompt_path[0]) make_prompt();
    import(memory_path);
    import(prompt_path);
    return 0;
}
