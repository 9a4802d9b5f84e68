# The table of folders in docs/architecture.md: OKNG_USES_<folder> is what its row lets it include. tests/layers.sh holds the
# sources to the same rows.
set(architecture ${CMAKE_SOURCE_DIR}/docs/architecture.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${architecture})
file(STRINGS ${architecture} rows REGEX "^[|] `[a-z]+/` [|]")
foreach(row ${rows})
  string(REGEX REPLACE "^[|] `([a-z]+)/` .*" "\\1" folder "${row}")
  string(REGEX REPLACE ".*[|]([^|]*)[|]$" "\\1" uses "${row}")
  if(uses MATCHES "all of the above")
    set(uses "${folders}")
  endif()
  if(uses MATCHES "the public header")
    string(REPLACE "the public header" "" uses "${uses}")
    list(APPEND guests ${folder}) # of programs: no part of the library
  endif()
  string(REGEX MATCHALL "[a-z]+" OKNG_USES_${folder} "${uses}")
  list(APPEND folders ${folder})
endforeach()

# Sanitized code compiles in half the time at -O1, and runs in half the time at -O2: that is for the folders of long loops.
set(crunching base kernels tensor image align net engine patch bank eval demo features grad program clip patchcore subspace winclip
              afclip train)

# okng_module(NAME [LIBS external...]): the folder src/NAME, and those in it, as the static library okng_NAME.
function(okng_module name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  if(NOT DEFINED OKNG_USES_${name})
    message(FATAL_ERROR "src/${name}: no row of the table in docs/architecture.md says what it may use")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.[cS] ${CMAKE_SOURCE_DIR}/src/${name}/*/*.c
       ${CMAKE_SOURCE_DIR}/src/${name}/*/*.cpp)
  add_library(okng_${name} STATIC ${sources})
  if(OKNG_SANITIZE AND NOT name IN_LIST crunching)
    target_compile_options(okng_${name} PRIVATE -O1)
  endif()
  target_include_directories(okng_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  foreach(dep ${OKNG_USES_${name}})
    target_link_libraries(okng_${name} PUBLIC okng_${dep})
  endforeach()
  target_link_libraries(okng_${name} PUBLIC ${arg_LIBS})
  set_property(GLOBAL APPEND PROPERTY OKNG_MODULES okng_${name})
endfunction()

# A library for each folder of the table that has none yet and is a part of libokng.
function(okng_other_modules)
  foreach(folder ${folders})
    if(NOT TARGET okng_${folder} AND NOT folder IN_LIST guests)
      okng_module(${folder})
    endif()
  endforeach()
endfunction()

# okng_guest(NAME [LIBS external...]): the folder src/NAME as a static library of programs, which know libokng by its public
# header, and of its folders base/ alone.
function(okng_guest name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.[cS])
  add_library(okng_${name} STATIC ${sources})
  target_include_directories(okng_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  foreach(dep ${OKNG_USES_${name}})
    if(dep IN_LIST guests AND NOT dep STREQUAL cli)
      target_link_libraries(okng_${name} PUBLIC okng_${dep})
    endif()
  endforeach()
  target_link_libraries(okng_${name} PUBLIC okng_static ${arg_LIBS})
endfunction()

# libokng.so and libokng.a from the objects of every module; only names marked OKNG_API are visible in the former.
function(okng_library)
  get_property(modules GLOBAL PROPERTY OKNG_MODULES)
  foreach(module ${modules})
    list(APPEND objects $<TARGET_OBJECTS:${module}>)
    get_target_property(libs ${module} LINK_LIBRARIES)
    list(APPEND externals ${libs})
  endforeach()
  list(REMOVE_ITEM externals ${modules})
  list(REMOVE_DUPLICATES externals)

  foreach(kind SHARED STATIC)
    string(TOLOWER okng_${kind} target)
    add_library(${target} ${kind} ${objects})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME okng LINKER_LANGUAGE C)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>)
  endforeach()
  target_link_libraries(okng_shared PRIVATE ${externals})
  target_link_libraries(okng_static PUBLIC ${externals})
  # While the major version is 0, a minor version may change the ABI.
  set_target_properties(okng_shared PROPERTIES VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(NOT OKNG_SANITIZE)
    target_link_options(okng_shared PRIVATE -Wl,--no-undefined)
  endif()
  # Threads of it and of libgomp sleep in their code: dlclose leaves both where they are.
  target_link_options(okng_shared PRIVATE -Wl,-z,nodelete)

  okng_install_library()
endfunction()

# Where the library lies, for who builds against it: by CMake (find_package(okng), okng::okng) and by pkg-config. Both find
# it from where they lie themselves, so that an installed copy may be moved. Components are packages: library, dev, tools
# (see package.cmake).
function(okng_install_library)
  include(CMakePackageConfigHelpers)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/okng)
  set_target_properties(okng_shared PROPERTIES EXPORT_NAME okng)
  install(TARGETS okng_shared EXPORT okng-targets
          LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT dev
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS okng_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
  install(FILES ${CMAKE_SOURCE_DIR}/include/okng/okng.h ${CMAKE_SOURCE_DIR}/include/okng/experimental.h
                ${CMAKE_SOURCE_DIR}/include/okng/okng.hpp
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/okng COMPONENT dev)
  install(EXPORT okng-targets NAMESPACE okng:: DESTINATION ${package} COMPONENT dev)
  configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/okng-config.cmake.in ${CMAKE_BINARY_DIR}/okng-config.cmake
                                INSTALL_DESTINATION ${package})
  # While the major version is 0, a minor version may change the API.
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/okng-config-version.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/okng-config.cmake ${CMAKE_BINARY_DIR}/okng-config-version.cmake
          DESTINATION ${package} COMPONENT dev)

  set(OKNG_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(OKNG_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(OKNG_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
  if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    file(RELATIVE_PATH up /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
    string(REGEX REPLACE "/$" "" up "${up}")
    set(OKNG_PC_PREFIX "\${pcfiledir}/${up}")
  else()
    set(OKNG_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
  endif()
  if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(OKNG_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/okng.pc.in ${CMAKE_BINARY_DIR}/okng.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/okng.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -P ${CMAKE_SOURCE_DIR}/cmake/uninstall.cmake
                    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
endfunction()
