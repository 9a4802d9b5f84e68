# Every library is in Debian 12; docs/architecture.md says what each is for.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
# Not by its CMake package: Debian's asks for OpenCL's headers, which nothing here needs. Set OKNG_ONEDNN to the folder
# of another version to build with that one.
find_path(ONEDNN_INCLUDE_DIR dnnl.h REQUIRED HINTS ${OKNG_ONEDNN}/include)
find_library(ONEDNN_LIBRARY dnnl REQUIRED HINTS ${OKNG_ONEDNN}/lib)
add_library(okng_onednn INTERFACE)
target_include_directories(okng_onednn SYSTEM INTERFACE ${ONEDNN_INCLUDE_DIR})
# It is C++, and so is the wall before it (guard.cpp).
target_link_libraries(okng_onednn INTERFACE ${ONEDNN_LIBRARY} stdc++)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(LIBFYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
# It has neither a pkg-config file nor a CMake package.
find_path(UNISTRING_INCLUDE_DIR unictype.h REQUIRED)
find_library(UNISTRING_LIBRARY unistring REQUIRED)
add_library(okng_unistring INTERFACE)
target_include_directories(okng_unistring SYSTEM INTERFACE ${UNISTRING_INCLUDE_DIR})
target_link_libraries(okng_unistring INTERFACE ${UNISTRING_LIBRARY})
find_path(STB_INCLUDE_DIR stb/stb_image.h REQUIRED)
# Loaded when they are used (src/report/canvas_png.c, src/base/eigen.c): their headers are all that is needed here.
pkg_check_modules(CAIRO REQUIRED cairo)
pkg_check_modules(LAPACKE REQUIRED lapacke)

# Of the program okng-mpi alone (cmake/mpi.cmake): Open MPI. Without it there is no such program.
pkg_check_modules(MPI IMPORTED_TARGET ompi-c)

# Of the program okng-serve alone (cmake/server.cmake). Without libmicrohttpd there is no such program.
pkg_check_modules(MICROHTTPD IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(SQLITE IMPORTED_TARGET sqlite3)
# Loaded when they are used: their headers are all that is needed here.
pkg_check_modules(MOSQUITTO libmosquitto)
pkg_check_modules(MODBUS libmodbus)
# Not by Aravis's own pkg-config file: that wants libusb's, which libaravis-dev does not bring along.
pkg_check_modules(ARAVIS gio-2.0)
find_path(ARAVIS_INCLUDE_DIR arv.h PATH_SUFFIXES aravis-0.8)
if(ARAVIS_INCLUDE_DIR)
  list(APPEND ARAVIS_INCLUDE_DIRS ${ARAVIS_INCLUDE_DIR})
else()
  set(ARAVIS_FOUND FALSE)
endif()
pkg_check_modules(GSTREAMER gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0)
pkg_check_modules(GSTREAMER_RTSP IMPORTED_TARGET gstreamer-rtsp-server-1.0) # of a test alone
