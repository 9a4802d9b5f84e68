/* Any bytes as a training's file: read, or refused; what is read is told as lines of keys. */
#include "memory_file.h"
#include "train/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const settings[] = {"data.root=d", "training.out=o"}; /* what lets more files succeed */
    okng_train_config config;
    okng_error error;
    char *text, differs[64];
    memory_file("t.yaml", data, size);
    if (okng_train_config_load(&config, memory_path, settings, 2, &error) != OKNG_OK) return 0;
    if (okng_train_config_text(&config, &text, &error) != OKNG_OK) return 0;
    okng_train_config_differ(text, "training.lr=1\n", differs, sizeof differs);
    free(text);
    return 0;
}
