# po/LANGUAGE.po becomes share/locale/LANGUAGE/LC_MESSAGES/okng.mo, in the build folder, where the command beside it finds it,
# and where it is installed. Without msgfmt (Debian: gettext) all is English.
find_program(MSGFMT msgfmt)
if(NOT MSGFMT)
  message(STATUS "msgfmt (Debian: gettext) was not found: messages are in English only")
  return()
endif()
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/po/*.po)
foreach(source ${sources})
  get_filename_component(language ${source} NAME_WE)
  set(folder share/locale/${language}/LC_MESSAGES)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${folder}/okng.mo
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/${folder}
                     COMMAND ${MSGFMT} --check-format --check-header -o ${CMAKE_BINARY_DIR}/${folder}/okng.mo ${source}
                     DEPENDS ${source} COMMENT "Compiling the messages of ${language}")
  list(APPEND catalogues ${CMAKE_BINARY_DIR}/${folder}/okng.mo)
  install(FILES ${CMAKE_BINARY_DIR}/${folder}/okng.mo
          DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES COMPONENT tools)
endforeach()
add_custom_target(okng_catalogues ALL DEPENDS ${catalogues})
