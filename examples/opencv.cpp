/* Inspects pictures that OpenCV read, with a bank that `okng build` made, and draws what was found:
 *
 *     c++ -std=c++17 opencv.cpp $(pkg-config --cflags --libs okng opencv4) -o opencv
 *     ./opencv BANK OUT.png PICTURE
 *
 * Exit status: 0 OK, 10 NG, 1 error. */
#define OKNG_WITH_OPENCV
#include <cstdio>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <okng/okng.hpp>

/* The mask tinted, the map's peaks framed. */
static cv::Mat drawn(const cv::Mat &picture, const okng::result &result)
{
    cv::Mat out = picture.clone();
    out.setTo(cv::Scalar(0, 0, 255), okng::mat_of(result.mask()));
    cv::addWeighted(out, 0.4, picture, 0.6, 0, out);
    for (const okng::region &region : result.regions())
        cv::rectangle(out, okng::rect_of(region), cv::Scalar(0, 0, 255));
    return out;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: opencv BANK OUT.png PICTURE\n");
        return 2;
    }
    try {
        const okng::bank bank = okng::bank::open(argv[1]).value();
        const cv::Mat picture = cv::imread(argv[3]); /* 8UC3, BGR */
        const okng::result result = bank.inspect(okng::picture_of(picture).value()).value();
        std::printf("%s: %s, score %.9g, %zu regions\n", argv[3], okng_verdict_text(result.verdict()),
                    static_cast<double>(result.score()), result.regions().size());
        if (!cv::imwrite(argv[2], drawn(picture, result))) {
            std::fprintf(stderr, "%s could not be written\n", argv[2]);
            return 1;
        }
        return result.verdict() == OKNG_VERDICT_OK ? 0 : 10;
    } catch (const std::exception &failure) { /* okng::failure, or OpenCV's */
        std::fprintf(stderr, "%s\n", failure.what());
        return 1;
    }
}
