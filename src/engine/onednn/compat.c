#include "engine/onednn/compat.h"

#include "base/xxh64.h"
#include "engine/onednn/compat_desc.h"

/* ---- memory descriptors: a struct in 2.x, a pointer to a hidden one in 3.x ---- */

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_create_with_tag(&md->desc, ndims, dims, type, tag);
}

dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what)
{
    *md = (okng_md){0};
    const_dnnl_memory_desc_t found = okng_dnnl.primitive_desc_query_md(primitive, what, 0);
    return found ? okng_dnnl.memory_desc_clone(&md->desc, found) : dnnl_invalid_arguments;
}

dnnl_status_t okng_md_strided(okng_md *md, const int64_t *dims, const int64_t *strides, int ndims,
                              dnnl_data_type_t type)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_create_with_strides(&md->desc, ndims, dims, type, strides);
}

dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_clone(&md->desc, from->desc);
}

dnnl_status_t okng_md_reshape(okng_md *md, const okng_md *from, const int64_t *dims, int ndims)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_reshape(&md->desc, from->desc, ndims, dims);
}

dnnl_status_t okng_md_permute(okng_md *md, const okng_md *from, const int *places)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_permute_axes(&md->desc, from->desc, places);
}

dnnl_status_t okng_md_part(okng_md *md, const okng_md *from, const int64_t *dims, const int64_t *offsets)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_create_submemory(&md->desc, from->desc, dims, offsets);
}

void okng_md_free(okng_md *md)
{
    if (md->desc) (void)okng_dnnl.memory_desc_destroy(md->desc);
    *md = (okng_md){0};
}

dnnl_data_type_t okng_md_type(const okng_md *md)
{
    dnnl_data_type_t type = dnnl_data_type_undef;
    (void)okng_dnnl.memory_desc_query(md->desc, dnnl_query_data_type, &type);
    return type;
}

#else

dnnl_status_t okng_md_new(okng_md *md, const int64_t *dims, int ndims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
    *md = (okng_md){0};
    return okng_dnnl.memory_desc_init_by_tag(&md->desc, ndims, dims, type, tag);
}

dnnl_status_t okng_md_of(okng_md *md, const_dnnl_primitive_desc_t primitive, dnnl_query_t what)
{
    *md = (okng_md){0};
    const dnnl_memory_desc_t *found = okng_dnnl.primitive_desc_query_md(primitive, what, 0);
    if (!found) return dnnl_invalid_arguments;
    md->desc = *found;
    return dnnl_success;
}

/* Some functions of 2.x leave half of a descriptor behind when they fail. */
static dnnl_status_t keep_if(dnnl_status_t status, okng_md *md)
{
    if (status != dnnl_success) *md = (okng_md){0};
    return status;
}

dnnl_status_t okng_md_strided(okng_md *md, const int64_t *dims, const int64_t *strides, int ndims,
                              dnnl_data_type_t type)
{
    return keep_if(okng_dnnl.memory_desc_init_by_strides(&md->desc, ndims, dims, type, strides), md);
}

dnnl_status_t okng_md_copy(okng_md *md, const okng_md *from)
{
    *md = *from;
    return dnnl_success;
}

dnnl_status_t okng_md_reshape(okng_md *md, const okng_md *from, const int64_t *dims, int ndims)
{
    return keep_if(okng_dnnl.memory_desc_reshape(&md->desc, &from->desc, ndims, dims), md);
}

dnnl_status_t okng_md_permute(okng_md *md, const okng_md *from, const int *places)
{
    return keep_if(okng_dnnl.memory_desc_permute_axes(&md->desc, &from->desc, places), md);
}

dnnl_status_t okng_md_part(okng_md *md, const okng_md *from, const int64_t *dims, const int64_t *offsets)
{
    return keep_if(okng_dnnl.memory_desc_init_submemory(&md->desc, &from->desc, dims, offsets), md);
}

void okng_md_free(okng_md *md)
{
    *md = (okng_md){0};
}

dnnl_data_type_t okng_md_type(const okng_md *md)
{
    return md->desc.data_type;
}

#endif

bool okng_md_equal(const okng_md *a, const okng_md *b)
{
    return dnnl_memory_desc_equal(okng_md_desc(a), okng_md_desc(b)) != 0;
}

#if DNNL_VERSION_MAJOR >= 3
uint64_t okng_md_digest(const okng_md *md)
{
    (void)md;
    return 0;
}
#else
uint64_t okng_md_digest(const okng_md *md)
{
    enum { FIELDS = 5 * DNNL_MAX_NDIMS + 8 };
    const dnnl_memory_desc_t *d = &md->desc;
    const dnnl_blocking_desc_t *layout = &d->format_desc.blocking;
    int64_t fields[FIELDS] = {d->ndims, d->data_type, d->offset0, layout->inner_nblks, (int64_t)d->extra.flags};
    size_t count = 5;
    if (d->format_kind != dnnl_blocked || d->ndims > DNNL_MAX_NDIMS) return 0;
    for (int i = 0; i < d->ndims; i++) {
        fields[count++] = d->dims[i];
        fields[count++] = d->padded_dims[i];
        fields[count++] = layout->strides[i];
    }
    for (int i = 0; i < layout->inner_nblks; i++) {
        fields[count++] = layout->inner_blks[i];
        fields[count++] = layout->inner_idxs[i];
    }
    return okng_xxh64(fields, sizeof fields);
}
#endif

size_t okng_md_bytes(const okng_md *md)
{
    return dnnl_memory_desc_get_size(okng_md_desc(md));
}

dnnl_status_t okng_dnnl_memory(dnnl_memory_t *memory, const okng_md *md, dnnl_engine_t engine, void *data)
{
    *memory = NULL;
    return okng_dnnl.memory_create(memory, okng_md_desc(md), engine, data);
}

/* ---- the CPU ---- */

/* Sets of instructions are sets of bits. Other CPUs than x86 have no such names: there it is up to what oneDNN
 * implements. */
static bool has_isa(dnnl_cpu_isa_t isa)
{
#if defined(__x86_64__)
    return ((unsigned)dnnl_get_effective_cpu_isa() & (unsigned)isa) == (unsigned)isa;
#else
    (void)isa;
    return true;
#endif
}

bool okng_dnnl_has_int8(void)
{
    return has_isa(dnnl_cpu_isa_avx512_core_vnni) || has_isa(dnnl_cpu_isa_avx2_vnni);
}

bool okng_dnnl_has_bf16(void)
{
    return has_isa(dnnl_cpu_isa_avx512_core_bf16);
}

bool okng_dnnl_has_avx512(void)
{
    return has_isa(dnnl_cpu_isa_avx512_core);
}
