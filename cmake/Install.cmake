# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install build/release --prefix DIR` installs, all below the prefix: program and
# DuckDB's library, manual page, completion, documentation, licence, an example of
# /etc/atlas/atlas.toml, and unit and user for systemd. The Debian package is made of it
# (tools/package-deb).
include(GNUInstallDirs)
set(CMAKE_INSTALL_DOCDIR "${CMAKE_INSTALL_DATADIR}/doc/atlas")
set(units lib/systemd/system)
set(completions "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")

install(TARGETS atlas)
install(FILES "${ATLAS_DUCKDB_LIBRARY}" DESTINATION lib/atlas)
install(FILES third_party/duckdb/LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}"
        RENAME LICENSE.duckdb)
install(FILES README.md CHANGELOG.md SECURITY.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES deploy/atlas.toml DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
install(FILES deploy/systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME atlas.conf)

# The program writes its own page and completion; the unit holds its path, which depends on the
# prefix of the installation.
install(CODE "
    set(prefix \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
    function(say file)
        message(STATUS \"Installing: \${prefix}/\${file}\")
        cmake_path(GET file PARENT_PATH folder)
        file(MAKE_DIRECTORY \"\${prefix}/\${folder}\")
        execute_process(COMMAND \"$<TARGET_FILE:atlas>\" \${ARGN}
                        OUTPUT_FILE \"\${prefix}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
    endfunction()
    say(\"${CMAKE_INSTALL_MANDIR}/man1/atlas.1\" man)
    say(\"${completions}/atlas\" completion bash)
    set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    set(docdir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
    message(STATUS \"Installing: \${prefix}/${units}/atlas.service\")
    configure_file(\"${CMAKE_SOURCE_DIR}/deploy/systemd/atlas.service.in\"
                   \"\${prefix}/${units}/atlas.service\" @ONLY)
")
