# The program okng-mpi: the command with MPI in it, where Open MPI is there at build.
if(MPI_FOUND)
  okng_guest(mpi LIBS PkgConfig::MPI)
  target_include_directories(okng_mpi PRIVATE ${CMAKE_SOURCE_DIR}/src/cli)
  # okng finds it by ranks.c, in whose place it has src/mpi/command.c.
  add_executable(okng-mpi $<FILTER:$<TARGET_OBJECTS:okng>,EXCLUDE,/ranks[.]c[.]o$>)
  set_target_properties(okng-mpi PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} LINKER_LANGUAGE C)
  target_link_libraries(okng-mpi PRIVATE okng_mpi PkgConfig::JANSSON PkgConfig::CURL Threads::Threads m)
  install(TARGETS okng-mpi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT mpi)
  add_dependencies(okng_products okng-mpi)
endif()
