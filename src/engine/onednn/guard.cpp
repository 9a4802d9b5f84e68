#include "engine/onednn/guard.h"

#include <cstring>
#include <exception>
#include <new>

namespace
{

/* oneDNN keeps what it makes for the next time. What an exception cut off stays there half made, and everybody who asks
 * for the same later would be told of a broken promise: so all of it is forgotten. */
void forget_made() noexcept
{
    try {
        int capacity = 0;
        if (dnnl_get_primitive_cache_capacity(&capacity) != dnnl_success) return;
        (void)dnnl_set_primitive_cache_capacity(0);
        (void)dnnl_set_primitive_cache_capacity(capacity);
    } catch (...) {
    }
}

/* What the exception in flight says. That of the code generator, where it gets no pages, is known by its text alone. */
dnnl_status_t status_of_exception() noexcept
{
    try {
        throw;
    } catch (const std::bad_alloc &) {
        return dnnl_out_of_memory;
    } catch (const std::exception &e) {
        return std::strstr(e.what(), "alloc") ? dnnl_out_of_memory : dnnl_runtime_error;
    } catch (...) {
        return dnnl_runtime_error;
    }
}

template <typename Result> struct failure {
    static Result of(dnnl_status_t) noexcept { return nullptr; }
};
template <> struct failure<dnnl_status_t> {
    static dnnl_status_t of(dnnl_status_t status) noexcept { return status; }
};

template <typename Function, Function *function> struct guarded;
template <typename Result, typename... Parameters, Result (*function)(Parameters...)>
struct guarded<Result(Parameters...), function> {
    static Result call(Parameters... parameters) noexcept
    {
        try {
            return function(parameters...);
        } catch (...) {
            const dnnl_status_t status = status_of_exception();
            forget_made();
            return failure<Result>::of(status);
        }
    }
};

} // namespace

#define OKNG_DNNL_GUARDED(name) guarded<decltype(dnnl_##name), dnnl_##name>::call,
extern "C" const okng_dnnl_calls okng_dnnl = {OKNG_DNNL_CALLS(OKNG_DNNL_GUARDED)};
