# po/LANGUAGE.po becomes share/locale/LANGUAGE/LC_MESSAGES/okng.mo, in the build folder, where the command beside it finds it,
# and where it is installed. Without msgfmt (Debian: gettext) all is English.
find_program(MSGFMT msgfmt)
if(NOT MSGFMT)
  message(STATUS "msgfmt (Debian: gettext) was not found: messages are in English only")
  return()
endif()
# Formats with the macros of inttypes.h are spelt %<PRIu64> in a .po file; .mo files have tables of their own for them, which
# base/catalogue.c does not read, so they are spelt out as the compiler sees them.
set(long l)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  set(long ll)
endif()
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/po/*.po)
foreach(source ${sources})
  get_filename_component(language ${source} NAME_WE)
  set(folder share/locale/${language}/LC_MESSAGES)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${folder}/okng.mo
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/${folder}
                     COMMAND sed -e "s/<PRI\\([dux]\\)64>/${long}\\1/g" -e "s/<PRI\\([dux]\\)32>/\\1/g" ${source}
                             > ${CMAKE_BINARY_DIR}/${folder}/okng.po
                     COMMAND ${MSGFMT} --check-format --check-header -o ${CMAKE_BINARY_DIR}/${folder}/okng.mo
                             ${CMAKE_BINARY_DIR}/${folder}/okng.po
                     VERBATIM DEPENDS ${source} ${CMAKE_CURRENT_LIST_FILE} COMMENT "Compiling the messages of ${language}")
  list(APPEND catalogues ${CMAKE_BINARY_DIR}/${folder}/okng.mo)
  install(FILES ${CMAKE_BINARY_DIR}/${folder}/okng.mo
          DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES COMPONENT tools)
endforeach()
add_custom_target(okng_catalogues ALL DEPENDS ${catalogues})
