/* Inspects a picture that Qt read, with a bank that `okng build` made, and frames what was found:
 *
 *     c++ -std=c++17 -fPIC qt.cpp $(pkg-config --cflags --libs okng Qt5Gui) -o qt
 *     ./qt BANK OUT.png PICTURE
 *
 * Exit status: 0 OK, 10 NG, 1 error. */
#include <QImage>
#include <QPainter>
#include <cstdio>

#include <okng/okng.hpp>

/* The pixels where they lie. Rows of a QImage begin at multiples of 4 bytes: 101 pixels of RGB888 take 304, so
 * bytesPerLine is the stride, never width x 3. The picture keeps a share of the image. */
static okng::picture picture_of(const QImage &image)
{
    okng_pixel_format format = OKNG_PIXEL_RGB8;
    QImage given = image;
    switch (image.format()) {
    case QImage::Format_RGB888:
        break;
    case QImage::Format_Grayscale8:
        format = OKNG_PIXEL_GREY8;
        break;
#if QT_VERSION >= QT_VERSION_CHECK(5, 13, 0)
    case QImage::Format_Grayscale16:
        format = OKNG_PIXEL_MONO16;
        break;
#endif
#if Q_BYTE_ORDER == Q_LITTLE_ENDIAN
    case QImage::Format_RGB32:
        format = OKNG_PIXEL_BGRA8;
        break; /* 0xffRRGGBB, so that blue comes first */
#endif
    default:
        given = image.convertToFormat(QImage::Format_RGB888); /* palettes, alpha, and what else there is */
    }
    auto keep = std::make_shared<const QImage>(given);
    return okng::picture::pixels(keep->constBits(), keep->width(), keep->height(), format,
                                 static_cast<ptrdiff_t>(keep->bytesPerLine()), keep);
}

static QImage framed(const QImage &image, const okng::result &result)
{
    QImage out = image.convertToFormat(QImage::Format_RGB32);
    QPainter painter(&out);
    painter.setPen(Qt::red);
    for (const okng::region &region : result.regions())
        painter.drawRect(region.x, region.y, region.width - 1, region.height - 1);
    return out;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: qt BANK OUT.png PICTURE\n");
        return 2;
    }
    const QImage image(argv[3]);
    if (image.isNull()) {
        std::fprintf(stderr, "%s is no picture that Qt reads\n", argv[3]);
        return 1;
    }
    auto bank = okng::bank::open(argv[1]);
    if (!bank) {
        std::fprintf(stderr, "%s\n", bank.error().message.c_str());
        return 1;
    }
    auto result = bank->inspect(picture_of(image));
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        return 1;
    }
    std::printf("%s: %s, score %.9g, %zu regions\n", argv[3], okng_verdict_text(result->verdict()),
                static_cast<double>(result->score()), result->regions().size());
    if (!framed(image, *result).save(argv[2])) {
        std::fprintf(stderr, "%s could not be written\n", argv[2]);
        return 1;
    }
    return result->verdict() == OKNG_VERDICT_OK ? 0 : 10;
}
