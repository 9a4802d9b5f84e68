# Debian packages by CPack, one per component: the library, what building against it needs, the command. Dependencies are
# those that dpkg-shlibdeps finds in the binaries. `make deb` makes them with the prefix /usr.
set(soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL library dev tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_VENDOR "The okng authors")
set(CPACK_PACKAGE_CONTACT "The okng authors <okng@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_DEBIAN_POLICY_VERSION 4.6.2)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libokng${soversion})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_GENERATE_SHLIBS ON) # and a trigger for ldconfig
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SUGGESTS "libcairo2, fonts-dejavu-core, liblapacke") # loaded to draw PNG, to learn
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones: PatchCore memory banks on convolutional networks, on the
CPU, without Python.

This package has the shared library.")

# The libraries below are needed by who links libokng.a: okng.pc names them.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libokng-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libokng${soversion} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), libdeflate-dev, libdnnl-dev, libfyaml-dev, \
libjansson-dev, libjpeg-dev, libprotobuf-c-dev, libspng-dev, libssl-dev, libstdc++-12-dev, libtiff-dev, \
libunistring-dev, libwebp-dev, zlib1g-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones.

This package has the headers, the static library, the files for CMake and
pkg-config, and examples in C.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME okng)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION science)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS "ca-certificates, libcairo2, fonts-dejavu-core, liblapacke")
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones: PatchCore memory banks on convolutional networks, on the
CPU, without Python.

This package has the command, its man pages, documents and completions for
bash and zsh.")

if(TARGET okng-serve)
  list(APPEND CPACK_COMPONENTS_ALL serve)
  set(CPACK_DEBIAN_SERVE_PACKAGE_NAME okng-serve)
  set(CPACK_DEBIAN_SERVE_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_SERVE_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_SERVE_PACKAGE_RECOMMENDS "okng, libcairo2, fonts-dejavu-core, liblapacke")
  # Loaded when line.yaml names one of them; a proxy is for TLS.
  set(CPACK_DEBIAN_SERVE_PACKAGE_SUGGESTS
      "libmosquitto1, libmodbus5, libaravis-0.8-0, libgstreamer1.0-0, gstreamer1.0-plugins-base, gstreamer1.0-plugins-good, nginx")
  set(CPACK_DEBIAN_SERVE_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/cmake/serve/conffiles;${CMAKE_SOURCE_DIR}/cmake/serve/postinst;\
${CMAKE_SOURCE_DIR}/cmake/serve/prerm;${CMAKE_SOURCE_DIR}/cmake/serve/postrm")
  set(CPACK_DEBIAN_SERVE_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones.

This package has the server: banks over HTTP with a page to teach, inspect and
judge, and okng line, which takes pictures from cameras and folders and hands
verdicts to machines. Its systemd unit okng-serve starts once it is enabled.")
  # A unit is of a package alone: it names the program by its path, and a file in /etc.
  if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    install(FILES ${CMAKE_SOURCE_DIR}/cmake/serve/okng-serve.service DESTINATION lib/systemd/system COMPONENT serve)
    install(FILES ${CMAKE_SOURCE_DIR}/configs/serve.yaml DESTINATION /etc/okng COMPONENT serve)
  endif()
endif()

if(TARGET okng-mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_NAME okng-mpi)
  set(CPACK_DEBIAN_MPI_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_MPI_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "okng, openmpi-bin")
  set(CPACK_DEBIAN_MPI_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones.

This package has the command for several machines: started by mpirun, okng
becomes this program and shares builds, evaluations and folders of pictures
between processes.")
endif()

if(OKNG_PYTHON)
  list(APPEND CPACK_COMPONENTS_ALL python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-okng)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS
      "libokng${soversion} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), python3 (>= 3.9), python3-cffi, python3-numpy")
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-tqdm")
  set(CPACK_DEBIAN_PYTHON_DESCRIPTION "okng learns from pictures of good parts and finds, scores and outlines what is
wrong in new ones.

This package has the module for Python.")
  set(python lib/python3/dist-packages/okng)
  install(DIRECTORY bindings/python/okng/ DESTINATION ${python} COMPONENT python
          FILES_MATCHING PATTERN *.py PATTERN py.typed PATTERN __pycache__ EXCLUDE)
  install(FILES include/okng/okng.h include/okng/experimental.h DESTINATION ${python}/include/okng COMPONENT python)
endif()

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} upper)
  install(FILES ${CMAKE_SOURCE_DIR}/cmake/copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} COMPONENT ${component})
endforeach()
# What a stranger reads first, and what there is to start from.
install(FILES README.md README.ko.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/okng COMPONENT tools)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/okng COMPONENT tools)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/okng/examples COMPONENT tools)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libokng-dev COMPONENT dev)
include(CPack)
