/*
 * okng for C++17: the C interface of okng/okng.h with owners, results that are a value or an error, and views.
 *
 * One header, nothing to link but libokng. The rules of okng/okng.h hold; besides:
 *   - What can fail returns expected<T>: a value, or the error that says why. value() throws okng::failure where there
 * is none; where exceptions are off it ends the program, so ask before.
 *   - Owners (bank, result, array, embedder) move and are not copied. get() is the handle of C, for what is not
 * wrapped. One that was moved from holds NULL; C's functions answer it with an error.
 *   - Views (plane, texts of a result) are the owner's and live as long as it does.
 *   - Strings are UTF-8.
 * With OKNG_WITH_OPENCV defined before it is included there are pictures of cv::Mat and back.
 *
 * Young, as okng/experimental.h: any version may change it.
 *
 * Copyright the okng authors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef OKNG_OKNG_HPP
#define OKNG_OKNG_HPP

#include <cstdlib>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "okng/okng.h"
#ifdef OKNG_WITH_OPENCV
#include <opencv2/core.hpp>
#endif

namespace okng
{

/* ---- errors ----------------------------------------------------------------------------------- */

/* Why something was not done: what was found, what was expected, what to do. */
struct error {
    okng_status status = OKNG_ERROR_INTERNAL;
    std::string message;
};

/* What value() throws. */
class failure : public std::runtime_error
{
  public:
    explicit failure(const error &why) : std::runtime_error(why.message), status_(why.status) {}
    okng_status status() const noexcept { return status_; }

  private:
    okng_status status_;
};

namespace detail
{
[[noreturn]] inline void fail(const error &why)
{
#if defined(__cpp_exceptions)
    throw failure(why);
#else
    (void)why;
    std::abort();
#endif
}
inline error copy(const okng_error &said)
{
    return {said.status, said.message};
}
inline const char *text(const std::string &given)
{
    return given.empty() ? nullptr : given.c_str();
}
inline std::string text(const char *said)
{
    return said ? said : "";
}
} // namespace detail

/* A T, or the error that there is instead; as std::expected of C++23. */
template <class T> class expected
{
  public:
    expected(T value) : is_(std::in_place_index<0>, std::move(value)) {}
    expected(okng::error why) : is_(std::in_place_index<1>, std::move(why)) {}

    bool has_value() const noexcept { return is_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    T &value() & { return check(), std::get<0>(is_); }
    const T &value() const & { return check(), std::get<0>(is_); }
    T &&value() && { return check(), std::move(std::get<0>(is_)); }
    T &operator*() &noexcept { return *std::get_if<0>(&is_); } /* there must be a value */
    const T &operator*() const &noexcept { return *std::get_if<0>(&is_); }
    T &&operator*() &&noexcept { return std::move(*std::get_if<0>(&is_)); }
    T *operator->() noexcept { return std::get_if<0>(&is_); }
    const T *operator->() const noexcept { return std::get_if<0>(&is_); }
    const okng::error &error() const noexcept { return *std::get_if<1>(&is_); } /* there must be none */
    template <class U> T value_or(U &&other) && { return *this ? *std::move(*this) : T(std::forward<U>(other)); }

  private:
    void check() const
    {
        if (!has_value()) detail::fail(error());
    }
    std::variant<T, okng::error> is_;
};

/* Done, or the error. */
template <> class expected<void>
{
  public:
    expected() = default;
    expected(okng::error why) : why_(std::move(why)), failed_(true) {}
    bool has_value() const noexcept { return !failed_; }
    explicit operator bool() const noexcept { return !failed_; }
    void value() const
    {
        if (failed_) detail::fail(why_);
    }
    const okng::error &error() const noexcept { return why_; }

  private:
    okng::error why_;
    bool failed_ = false;
};

namespace detail
{
/* Calls a function of C with an okng_error last. */
template <class F, class... A> expected<void> call(F function, A &&...arguments)
{
    okng_error said{};
    if (function(std::forward<A>(arguments)..., &said) != OKNG_OK) return copy(said);
    return {};
}
template <class Handle, void (*Release)(Handle **)> struct release {
    void operator()(Handle *handle) const noexcept { Release(&handle); }
};
template <class Handle, void (*Release)(Handle **)> using owner = std::unique_ptr<Handle, release<Handle, Release>>;
/* A handle that a function of C makes by its first parameter, in its owner. */
template <class Owner, class F, class... A> expected<Owner> make(F function, A &&...arguments)
{
    typename Owner::pointer handle = nullptr;
    auto done = call(function, &handle, std::forward<A>(arguments)...);
    if (!done) return done.error();
    return Owner(handle);
}
/* The text that a function of C makes as its last output. */
template <class F, class... A> expected<std::string> text_by(F function, A &&...arguments)
{
    char *made = nullptr;
    auto done = call(function, std::forward<A>(arguments)..., &made);
    if (!done) return done.error();
    owner<char, okng_text_free> kept(made);
    return std::string(made);
}
} // namespace detail

/* ---- options ---------------------------------------------------------------------------------- */

/* An option and its value as text: {"coreset", "0.05"}. */
using option = std::pair<const char *, std::string>;

namespace detail
{
/* The struct of C, whose members are there by ->, and what sets them by name. */
template <class Struct, void (*Init)(Struct *, size_t),
          okng_status (*Set)(Struct *, const char *, const char *, okng_error *)>
class options_of
{
  public:
    options_of() { Init(&is_, sizeof is_); }
    /* By names of the command ('_' reads as '-'), in the order given: "preset" first. */
    static expected<options_of> of(std::initializer_list<option> given)
    {
        options_of made;
        for (const option &one : given) {
            auto done = made.set(one.first, one.second);
            if (!done) return done.error();
        }
        return made;
    }
    expected<void> set(const char *name, const std::string &value) { return call(Set, &is_, name, value.c_str()); }
    Struct *operator->() noexcept { return &is_; }
    const Struct *operator->() const noexcept { return &is_; }
    const Struct *get() const noexcept { return &is_; }

  private:
    Struct is_;
};
} // namespace detail

using build_options = detail::options_of<okng_build_options, okng_build_options_init_sized, okng_build_options_set>;
using inspect_options =
    detail::options_of<okng_inspect_options, okng_inspect_options_init_sized, okng_inspect_options_set>;

/* ---- pictures --------------------------------------------------------------------------------- */

/* Where a picture comes from. Memory that it was made of stays the caller's and must live as long. */
class picture
{
  public:
    static picture file(std::string path)
    {
        picture made;
        made.path_ = std::move(path);
        return made;
    }
    /* The bytes of a PNG, JPEG, BMP, TIFF, WebP, PNM or GIF. */
    static picture encoded(const void *data, size_t size)
    {
        picture made;
        made.is_.data = data;
        made.is_.data_size = size;
        return made;
    }
    /* `stride`: bytes from row to row, 0 = tightly packed, may be negative. Rows of many libraries are padded: 101
     * pixels of RGB are 304 bytes in GStreamer and Qt, not 303. */
    static picture pixels(const void *first, int32_t width, int32_t height, okng_pixel_format format,
                          ptrdiff_t stride = 0, std::shared_ptr<const void> keep = {})
    {
        picture made;
        made.is_.pixels = first;
        made.is_.width = width;
        made.is_.height = height;
        made.is_.format = format;
        made.is_.stride = stride;
        made.keep_ = std::move(keep);
        return made;
    }
    /* As C takes it; valid as long as this picture is where it is. */
    okng_picture get() const noexcept
    {
        okng_picture given = is_;
        if (!given.data && !given.pixels) given.path = path_.c_str();
        return given;
    }

  private:
    picture() { okng_init(&is_); }
    okng_picture is_;
    std::string path_;
    std::shared_ptr<const void> keep_; /* what the pixels belong to */
};

/* ---- results ---------------------------------------------------------------------------------- */

/* Rows of the width, one after the other. */
template <class T> struct plane {
    const T *data = nullptr;
    int32_t width = 0, height = 0;

    const T &operator()(int32_t x, int32_t y) const noexcept
    {
        return data[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
    }
    const T *begin() const noexcept { return data; }
    const T *end() const noexcept { return data + static_cast<size_t>(width) * static_cast<size_t>(height); }
};

using region = okng_region;
using reason = okng_reason;

/* What an inspection found in a picture; see okng_inspect and what follows it. */
class result
{
  public:
    float score() const noexcept { return okng_result_score(get()); }
    okng_verdict verdict() const noexcept { return okng_result_verdict(get()); }
    float threshold() const noexcept { return okng_result_image_threshold(get()); }
    float pixel_threshold() const noexcept { return okng_result_pixel_threshold(get()); }
    double p_value() const noexcept { return okng_result_p_value(get()); }
    /* "" where there is nothing odd about the picture. */
    std::string warning() const { return detail::text(okng_result_warning(get())); }
    int32_t scale() const noexcept { return okng_result_scale(get()); }

    plane<float> map() const noexcept
    {
        plane<float> seen;
        seen.data = okng_result_map(get(), &seen.width, &seen.height);
        return seen;
    }
    /* 0 or 255 */
    plane<uint8_t> mask() const noexcept
    {
        plane<uint8_t> seen;
        seen.data = okng_result_mask(get(), &seen.width, &seen.height);
        return seen;
    }
    /* Of the mask, largest peak first. */
    std::vector<region> regions() const
    {
        std::vector<region> found(okng_result_region_count(get()));
        for (size_t i = 0; i < found.size(); i++) {
            okng_init(&found[i]);
            (void)okng_result_region(get(), i, &found[i], nullptr); /* i is in range */
        }
        return found;
    }
    /* Why region i is there; its texts are the result's. */
    expected<reason> why(size_t i) const
    {
        reason found{};
        okng_init(&found);
        auto done = detail::call(okng_result_reason, get(), i, &found);
        if (!done) return done.error();
        return found;
    }
    expected<std::vector<uint8_t>> png(okng_result_picture kind = OKNG_PICTURE_OVERLAY) const
    {
        void *bytes = nullptr;
        size_t size = 0;
        auto done = detail::call(okng_result_png, get(), kind, &bytes, &size);
        if (!done) return done.error();
        detail::owner<void, okng_bytes_free> kept(bytes);
        const auto *first = static_cast<const uint8_t *>(bytes);
        return std::vector<uint8_t>(first, first + size);
    }
    expected<std::string> json() const { return detail::text_by(okng_result_json, get()); }
    /* `flags`: OKNG_SAVE_PICTURES, OKNG_SAVE_MAP. */
    expected<void> save(const std::string &dir, unsigned flags = OKNG_SAVE_PICTURES) const
    {
        return detail::call(okng_result_save, get(), dir.c_str(), flags, nullptr);
    }
    expected<void> save(const std::string &dir, unsigned flags, const picture &reference) const
    {
        const okng_picture given = reference.get();
        return detail::call(okng_result_save, get(), dir.c_str(), flags, &given);
    }
    const okng_result *get() const noexcept { return is_.get(); }

  private:
    friend class bank;
    using owner = detail::owner<okng_result, okng_result_free>;
    explicit result(owner is) : is_(std::move(is)) {}
    owner is_;
};

/* ---- long calls ------------------------------------------------------------------------------- */

/* Hears how far a stage has come, from any thread of the call, one at a time; true stops the work. What it throws stops
 * it too, and comes out of the call. */
using progress = std::function<bool(const okng_progress &)>;

namespace detail
{
/* A progress function as C takes it: hear and its user. */
class listening
{
  public:
    explicit listening(const progress &told) : told_(told) {}
    static int hear(const okng_progress *now, void *user) noexcept
    {
        return static_cast<listening *>(user)->tell(*now);
    }
    void rethrow() const
    {
#if defined(__cpp_exceptions)
        if (thrown_) std::rethrow_exception(thrown_);
#endif
    }

  private:
    int tell(const okng_progress &now) noexcept
    {
#if defined(__cpp_exceptions)
        try {
            return told_ && told_(now);
        } catch (...) {
            thrown_ = std::current_exception();
            return 1;
        }
#else
        return told_ && told_(now);
#endif
    }
    const progress &told_;
    std::exception_ptr thrown_;
};
} // namespace detail

/* ---- banks ------------------------------------------------------------------------------------ */

/* What was learnt from good pictures. Any number of threads may inspect with one at the same time. */
class bank
{
  public:
    /* A bank folder, an ensemble's or a packed recipe; `weights` "" = the file that it names. */
    static expected<bank> open(const std::string &dir, const std::string &weights = {})
    {
        auto made = detail::make<owner>(okng_bank_open, dir.c_str(), detail::text(weights));
        if (!made) return made.error();
        return bank(*std::move(made));
    }
    /* Learns from good pictures into the folder `dir`, as okng_build. */
    static expected<okng_build_report> build(const std::vector<picture> &pictures, const std::string &dir,
                                             const build_options &options = {}, const progress &told = {})
    {
        std::vector<okng_picture> given;
        std::vector<const okng_picture *> list;
        for (const picture &one : pictures) given.push_back(one.get());
        for (const okng_picture &one : given) list.push_back(&one);
        return build_by(okng_build, list, dir, options, told);
    }
    /* Of files, whose names the bank keeps, as okng_build_paths. */
    static expected<okng_build_report> build(const std::vector<std::string> &paths, const std::string &dir,
                                             const build_options &options = {}, const progress &told = {})
    {
        std::vector<const char *> list;
        for (const std::string &one : paths) list.push_back(one.c_str());
        return build_by(okng_build_paths, list, dir, options, told);
    }
    expected<result> inspect(const picture &given, const inspect_options &options = {}) const
    {
        const okng_picture borrowed = given.get();
        auto made = detail::make<result::owner>(okng_inspect, get(), &borrowed, options.get());
        if (!made) return made.error();
        return result(*std::move(made));
    }
    /* Every picture of files and folders into `out_dir`, as okng_inspect_paths. */
    expected<okng_folder_report> inspect_paths(const std::vector<std::string> &paths, const std::string &out_dir,
                                               const okng_folder_options *options = nullptr,
                                               const progress &told = {}) const
    {
        std::vector<const char *> list;
        for (const std::string &one : paths) list.push_back(one.c_str());
        okng_folder_report report{};
        okng_init(&report);
        detail::listening listening(told);
        auto done = detail::call(okng_inspect_paths, get(), list.data(), list.size(), out_dir.c_str(), options,
                                 detail::listening::hear, nullptr, &listening, &report);
        listening.rethrow();
        if (!done) return done.error();
        return report;
    }
    /* Its texts are the bank's. */
    expected<okng_bank_info> info() const
    {
        okng_bank_info found{};
        okng_init(&found);
        auto done = detail::call(okng_bank_get_info, get(), &found);
        if (!done) return done.error();
        return found;
    }
    const okng_bank *get() const noexcept { return is_.get(); }

  private:
    using owner = detail::owner<okng_bank, okng_bank_close>;
    explicit bank(owner is) : is_(std::move(is)) {}
    template <class F, class List>
    static expected<okng_build_report> build_by(F function, const List &list, const std::string &dir,
                                                const build_options &options, const progress &told)
    {
        okng_build_report report{};
        okng_init(&report);
        detail::listening listening(told);
        auto done = detail::call(function, list.data(), list.size(), dir.c_str(), options.get(),
                                 detail::listening::hear, &listening, &report);
        listening.rethrow();
        if (!done) return done.error();
        return report;
    }
    owner is_;
};

/* What is in a bank folder, a JSON document. */
inline expected<std::string> describe(const std::string &bank_dir)
{
    return detail::text_by(okng_bank_describe, bank_dir.c_str());
}

/* ---- patch vectors ---------------------------------------------------------------------------- */

/* A dense row-major array of the library. */
class array
{
  public:
    std::vector<int64_t> shape() const
    {
        std::vector<int64_t> sides;
        for (int32_t i = 0; i < okng_array_dims(is_.get()); i++) sides.push_back(okng_array_shape(is_.get(), i));
        return sides;
    }
    /* NULL where elements are of another type. */
    const float *floats() const noexcept
    {
        return okng_array_dtype(is_.get()) == OKNG_F32 ? static_cast<const float *>(okng_array_data(is_.get()))
                                                       : nullptr;
    }
    okng_array *get() const noexcept { return is_.get(); }

  private:
    friend class embedder;
    using owner = detail::owner<okng_array, okng_array_free>;
    explicit array(owner is) : is_(std::move(is)) {}
    owner is_;
};

/* The network that makes a bank's patch vectors, for many pictures. */
class embedder
{
  public:
    static expected<embedder> open(const build_options &options)
    {
        auto made = detail::make<owner>(okng_embedder_open, options.get());
        if (!made) return made.error();
        return embedder(*std::move(made));
    }
    static expected<embedder> open_bank(const std::string &dir, const std::string &weights = {})
    {
        auto made = detail::make<owner>(okng_embedder_open_bank, dir.c_str(), detail::text(weights));
        if (!made) return made.error();
        return embedder(*std::move(made));
    }
    /* float32 [patches, D] */
    expected<array> run(const picture &given)
    {
        const okng_picture borrowed = given.get();
        auto made = detail::make<array::owner>(okng_embedder_run, is_.get(), &borrowed);
        if (!made) return made.error();
        return array(*std::move(made));
    }

  private:
    using owner = detail::owner<okng_embedder, okng_embedder_close>;
    explicit embedder(owner is) : is_(std::move(is)) {}
    owner is_;
};

/* ---- OpenCV ----------------------------------------------------------------------------------- */

#ifdef OKNG_WITH_OPENCV
/* A picture of a matrix as OpenCV has them: 8UC1 and 16UC1 grey, 8UC3 BGR, 8UC4 BGRA, 16UC3 RGB where `rgb` says so.
 * Rows may be padded, a part of another matrix. The picture shares the matrix's memory and keeps it. `rgb`: the colours
 * are the other way round. Errors: ARGUMENT (empty, of other types or dimensions). */
inline expected<picture> picture_of(const cv::Mat &mat, bool rgb = false)
{
    if (mat.dims != 2 || mat.empty())
        return error{OKNG_ERROR_ARGUMENT, "an empty matrix or one of " + std::to_string(mat.dims) +
                                              " dimensions was given, expected a picture of two"};
    okng_pixel_format format;
    switch (mat.type()) {
    case CV_8UC1:
        format = OKNG_PIXEL_GREY8;
        break;
    case CV_8UC3:
        format = rgb ? OKNG_PIXEL_RGB8 : OKNG_PIXEL_BGR8;
        break;
    case CV_8UC4:
        format = rgb ? OKNG_PIXEL_RGBA8 : OKNG_PIXEL_BGRA8;
        break;
    case CV_16UC1:
        format = OKNG_PIXEL_MONO16;
        break;
    case CV_16UC3:
        if (rgb) {
            format = OKNG_PIXEL_RGB16;
            break;
        }
        return error{OKNG_ERROR_ARGUMENT,
                     "a matrix of type 16UC3 in BGR was given: bring it to RGB by cv::cvtColor, and say so"};
    default:
        return error{OKNG_ERROR_ARGUMENT, "a matrix of depth " + std::to_string(mat.depth()) + " with " +
                                              std::to_string(mat.channels()) +
                                              " channels was given, expected 8UC1, 8UC3, 8UC4, 16UC1 or 16UC3"};
    }
    auto keep = std::make_shared<const cv::Mat>(mat);
    return picture::pixels(mat.data, mat.cols, mat.rows, format, mat.rows > 1 ? static_cast<ptrdiff_t>(mat.step[0]) : 0,
                           std::move(keep));
}

/* Copies, which are the caller's: CV_32FC1 and CV_8UC1. */
inline cv::Mat mat_of(const plane<float> &map)
{
    return cv::Mat(map.height, map.width, CV_32FC1, const_cast<float *>(map.data)).clone();
}
inline cv::Mat mat_of(const plane<uint8_t> &mask)
{
    return cv::Mat(mask.height, mask.width, CV_8UC1, const_cast<uint8_t *>(mask.data)).clone();
}
inline cv::Rect rect_of(const region &found)
{
    return {found.x, found.y, found.width, found.height};
}
#endif

} // namespace okng

#endif
