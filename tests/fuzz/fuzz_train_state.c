/* training.safetensors: any bytes must give a training that goes on, or an error. */
#include "memory_file.h"
#include "train/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_train_state state;
    okng_error error;
    bool there;
    memory_file(OKNG_TRAIN_STATE_FILE, data, size);
    if (okng_train_state_read(&state, memory_folder, &there, &error) == OKNG_OK) okng_train_state_free(&state);
    return 0;
}
