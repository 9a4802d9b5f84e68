# ONNX's messages in C, made from Debian's onnx.proto while building: its package becomes okng_onnx, so that every name of
# what is made begins with okng_. Without OKNG_ONNX there is no protobuf-c in the library, and `okng export --format onnx`
# says so.
option(OKNG_ONNX "Write and read ONNX (protobuf-c and onnx.proto)" ON)
file(GLOB onnx_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/export/onnx*.c)
if(NOT OKNG_ONNX)
  set_source_files_properties(${onnx_sources} PROPERTIES HEADER_FILE_ONLY ON)
  return()
endif()
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/export/without_onnx.c PROPERTIES HEADER_FILE_ONLY ON)

set(OKNG_PC_ONNX " libprotobuf-c") # of okng.pc
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
find_program(PROTOC_C protoc-c REQUIRED)
find_path(ONNX_PROTO_DIR onnx/onnx.proto REQUIRED)
set(onnx_made ${CMAKE_BINARY_DIR}/generated)
file(READ ${ONNX_PROTO_DIR}/onnx/onnx.proto proto)
string(REPLACE "package onnx;" "package okng_onnx;" proto "${proto}")
file(CONFIGURE OUTPUT ${onnx_made}/onnx.proto CONTENT "${proto}" @ONLY)
add_custom_command(OUTPUT ${onnx_made}/onnx.pb-c.c ${onnx_made}/onnx.pb-c.h DEPENDS ${onnx_made}/onnx.proto
                   COMMAND ${PROTOC_C} --c_out=${onnx_made} --proto_path=${onnx_made} ${onnx_made}/onnx.proto VERBATIM)
set_source_files_properties(${onnx_made}/onnx.pb-c.c PROPERTIES COMPILE_OPTIONS "-w")
target_sources(okng_export PRIVATE ${onnx_made}/onnx.pb-c.c)
target_include_directories(okng_export SYSTEM PRIVATE ${onnx_made})
target_link_libraries(okng_export PUBLIC PkgConfig::PROTOBUF_C)
target_compile_definitions(okng_export PRIVATE OKNG_HAVE_ONNX)
