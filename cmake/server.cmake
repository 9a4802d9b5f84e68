# The program okng-serve: the command with the server in it, of src/cli, src/serve and the folders that it stands on.
# What a machine lacks at build is left out, and told where it is asked for.
if(SQLITE_FOUND)
  set(without ${CMAKE_SOURCE_DIR}/src/history/without_sqlite.c)
else()
  foreach(file changes damage database drift_table export history pictures query readers retention rows schema stats sweep
          transaction waiting writer)
    list(APPEND without ${CMAKE_SOURCE_DIR}/src/history/${file}.c)
  endforeach()
endif()
set_source_files_properties(${without} PROPERTIES HEADER_FILE_ONLY ON)
okng_guest(history)
if(SQLITE_FOUND)
  target_link_libraries(okng_history PUBLIC PkgConfig::SQLITE)
endif()
okng_guest(cache)
okng_guest(line LIBS PkgConfig::CURL)
foreach(name MOSQUITTO MODBUS ARAVIS GSTREAMER)
  if(${name}_FOUND)
    target_compile_definitions(okng_line PRIVATE OKNG_HAVE_${name})
    target_include_directories(okng_line SYSTEM PRIVATE ${${name}_INCLUDE_DIRS})
  endif()
endforeach()

if(MICROHTTPD_FOUND)
  okng_guest(serve LIBS PkgConfig::MICROHTTPD)
  file(GLOB_RECURSE page CONFIGURE_DEPENDS src/serve/page/*)
  set_source_files_properties(src/serve/page.S PROPERTIES COMPILE_OPTIONS "-Wa,-I,${CMAKE_SOURCE_DIR}/src/serve/page"
    OBJECT_DEPENDS "${page}")
  # okng finds it by server.c, in whose place it has src/serve/command.c.
  add_executable(okng-serve $<FILTER:$<TARGET_OBJECTS:okng>,EXCLUDE,/server[.]c[.]o$>)
  set_target_properties(okng-serve PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} LINKER_LANGUAGE C)
  target_link_libraries(okng-serve PRIVATE okng_serve PkgConfig::JANSSON PkgConfig::CURL Threads::Threads m)
  install(TARGETS okng-serve RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT serve)
endif()

# What `make` makes and `make install` puts in place.
add_custom_target(okng_products DEPENDS okng okng_shared okng_static)
foreach(product okng_pages okng-serve)
  if(TARGET ${product})
    add_dependencies(okng_products ${product})
  endif()
endforeach()
