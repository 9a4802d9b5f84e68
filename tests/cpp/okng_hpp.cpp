/* What okng/okng.hpp promises, beside the C interface on the same parts. Usage: okng_hpp FIXTURE FOLDER [FRAME.ppm].
 * Prints TAP. With FRAME.ppm one picture of odd width is written there and nothing is tested. */
#include <atomic>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include <okng/okng.hpp>

namespace
{

int number = 0, failed = 0;
void check(bool holds, const char *name)
{
    std::printf("%s %d - C++ %s\n", holds ? "ok" : "not ok", ++number, name);
    failed += !holds;
}

std::string file(const std::string &folder, const char *kind, int i)
{
    char name[32];
    std::snprintf(name, sizeof name, "/%s/%03d.png", kind, i);
    return folder + name;
}

okng::build_options small()
{
    return okng::build_options::of({{"resize", "64x64"}, {"threads", "1"}}).value();
}

void expecting()
{
    okng::expected<std::string> good = std::string("x"), bad = okng::error{OKNG_ERROR_IO, "why"};
    check(good && good.value() == "x" && *good == "x" && good->size() == 1, "a value is there");
    check(!bad && bad.error().status == OKNG_ERROR_IO && bad.error().message == "why", "an error is there");
    check(std::move(bad).value_or("other") == "other" && std::move(good).value_or("other") == "x",
          "another value stands in");
    bool thrown = false;
    try {
        okng::expected<int>(okng::error{OKNG_ERROR_BUSY, "why"}).value();
    } catch (const okng::failure &why) {
        thrown = why.status() == OKNG_ERROR_BUSY && std::string(why.what()) == "why";
    }
    check(thrown, "value() throws what is wrong");
    okng::expected<void> done;
    check(done && done.has_value(), "done is done");
}

void options()
{
    okng::build_options made = small();
    check(made->resize_height == 64 && made->threads == 1, "options are set by name");
    auto bad = okng::build_options::of({{"coresett", "1"}});
    check(!bad && bad.error().message.find("coreset") != std::string::npos, "an unknown option is named");
    check(!made.set("coreset", "7") && made->coreset < 1, "a value out of range changes nothing");
}

/* Of pixels in many layouts: all are one picture. */
void layouts(const okng::bank &bank)
{
    enum { W = 101, H = 67, PAD = 304 };
    static uint8_t rgb[H][W][3], padded[H][PAD], bgra[H][W][4];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++) {
                uint8_t value = static_cast<uint8_t>(x * 2 + y * c);
                rgb[y][x][c] = padded[y][x * 3 + c] = bgra[y][x][2 - c] = value;
            }
    auto score = [&](const okng::picture &one) { return bank.inspect(one).value().score(); };
    const float plain = score(okng::picture::pixels(rgb, W, H, OKNG_PIXEL_RGB8));
    check(plain == score(okng::picture::pixels(padded, W, H, OKNG_PIXEL_RGB8, PAD)),
          "padded rows are the same picture");
    check(plain == score(okng::picture::pixels(bgra, W, H, OKNG_PIXEL_BGRA8)), "BGRA is the same picture");
    check(plain != score(okng::picture::pixels(padded, W, H, OKNG_PIXEL_RGB8)), "without the stride it is another");
    static uint8_t upside[H][W][3];
    for (int y = 0; y < H; y++) std::memcpy(upside[H - 1 - y], rgb[y], sizeof rgb[y]);
    check(plain == score(okng::picture::pixels(upside[H - 1], W, H, OKNG_PIXEL_RGB8, -W * 3)), "rows may go upwards");
    auto bad = bank.inspect(okng::picture::pixels(rgb, W, 0, OKNG_PIXEL_RGB8));
    check(!bad && bad.error().status == OKNG_ERROR_ARGUMENT, "a picture without rows is refused");
}

void inspecting(const okng::bank &bank, const std::string &fixture, const std::string &folder)
{
    okng::bank moved = okng::bank::open(folder + "/bank").value();
    okng::bank other = std::move(moved);
    check(!moved.inspect(okng::picture::file(file(fixture, "ng", 0))),
          "a bank that was moved from is an error"); // NOLINT
    auto kept = other.inspect(okng::picture::file(file(fixture, "ng", 0)));
    okng::result result = *std::move(kept);
    check(result.verdict() == OKNG_VERDICT_NG && result.score() > result.threshold(), "a bad part is NG");
    auto regions = result.regions();
    check(!regions.empty() && result.map()(regions[0].peak_x, regions[0].peak_y) == regions[0].peak,
          "the peak is in the map");
    long marked = 0;
    for (uint8_t value : result.mask()) marked += value == 255;
    long area = 0;
    for (const okng::region &region : regions) area += static_cast<long>(region.area);
    check(marked == area, "regions are the mask's");
    check(result.why(0).value().near_picture && !result.why(regions.size()),
          "a region has a reason, one that is not there has none");
    auto png = result.png(OKNG_PICTURE_MASK);
    check(png && png->size() > 8 && std::memcmp(png->data(), "\x89PNG", 4) == 0, "a result is a PNG");
    check(result.json().value().find("\"NG\"") != std::string::npos, "a result is JSON");
    check(static_cast<bool>(result.save(folder + "/out", OKNG_SAVE_PICTURES | OKNG_SAVE_MAP,
                                        okng::picture::file(file(fixture, "ok", 0)))),
          "a result is saved");
    okng::inspect_options above;
    above->threshold_image = result.score();
    check(bank.inspect(okng::picture::file(file(fixture, "ng", 0)), above).value().verdict() == OKNG_VERDICT_OK,
          "a score at the threshold is OK");
    auto report = bank.inspect_paths({fixture + "/ng"}, folder + "/all");
    check(report && report->ng == report->pictures && report->pictures > 0, "a folder is inspected");
}

void errors(const std::string &folder)
{
    auto none = okng::bank::open(folder + "/nowhere");
    check(!none && none.error().status == OKNG_ERROR_NOT_FOUND && !none.error().message.empty(), "no bank is said");
    check(!okng::describe(folder + "/nowhere"), "no bank is not described");
    check(okng::describe(folder + "/bank").value().find("patchcore") != std::string::npos, "a bank is described");
}

void building(const std::string &fixture, const std::string &folder)
{
    std::vector<std::string> paths;
    std::vector<okng::picture> pictures;
    for (int i = 0; i < 6; i++) {
        paths.push_back(file(fixture, "ok", i));
        pictures.push_back(okng::picture::file(paths.back()));
    }
    std::atomic<int> told{0};
    auto report =
        okng::bank::build(paths, folder + "/bank", small(), [&](const okng_progress &) { return ++told, false; });
    check(report && report->pictures == 6 && told > 0, "a bank is built, and progress told");
    check(okng::bank::build(pictures, folder + "/again", small()).value().rows == report->rows,
          "pictures are as paths");
    auto stopped = okng::bank::build(paths, folder + "/stopped", small(), [](const okng_progress &) { return true; });
    check(!stopped && stopped.error().status == OKNG_ERROR_CANCELLED, "progress stops it");
    bool thrown = false;
    try {
        (void)okng::bank::build(paths, folder + "/thrown", small(),
                                [](const okng_progress &) -> bool { throw std::runtime_error("mine"); });
    } catch (const std::runtime_error &mine) {
        thrown = std::string(mine.what()) == "mine";
    }
    check(thrown, "what progress throws comes out");
    check(!okng::bank::open(folder + "/thrown"), "and leaves nothing");
}

void threads(const okng::bank &bank, const std::string &fixture)
{
    const float expected = bank.inspect(okng::picture::file(file(fixture, "ng", 0))).value().score();
    std::atomic<int> same{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 4; i++)
        all.emplace_back(
            [&] { same += bank.inspect(okng::picture::file(file(fixture, "ng", 0))).value().score() == expected; });
    for (std::thread &one : all) one.join();
    check(same == 4, "threads share a bank");
}

void vectors(const std::string &fixture, const std::string &folder)
{
    auto embedder = okng::embedder::open_bank(folder + "/bank").value();
    auto rows = embedder.run(okng::picture::file(file(fixture, "ok", 0))).value();
    check(rows.shape().size() == 2 && rows.shape()[0] == 64 && rows.floats(), "patch vectors are rows");
    check(static_cast<bool>(okng::embedder::open(small())), "a network is opened from options");
}

/* A picture for other programs: rows of `stride` bytes, with or without the head of a PPM. */
bool write_frame(const std::string &path, int stride, bool head)
{
    enum { W = 101, H = 67 };
    std::FILE *out = std::fopen(path.c_str(), "wb");
    if (!out) return false;
    if (head) std::fprintf(out, "P6\n%d %d\n255\n", W, H);
    for (int y = 0; y < H; y++)
        for (int i = 0; i < stride; i++) std::fputc(i < W * 3 ? (i * 7 + y * 11) & 255 : 255, out);
    return std::fclose(out) == 0;
}

int write_frames(const std::string &path)
{
    return write_frame(path + ".ppm", 303, true) && write_frame(path + ".303", 303, false) &&
                   write_frame(path + ".304", 304, false)
               ? 0
               : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4) return write_frames(argv[3]);
    if (argc != 3) return 2;
    const std::string fixture = argv[1], folder = argv[2];
    expecting();
    options();
    building(fixture, folder);
    errors(folder);
    auto bank = okng::bank::open(folder + "/bank");
    check(bank && bank->info().value().pictures == 6, "a bank is opened");
    layouts(*bank);
    inspecting(*bank, fixture, folder);
    threads(*bank, fixture);
    vectors(fixture, folder);
    return failed ? 1 : 0;
}
