# SPDX-License-Identifier: Apache-2.0
#
# Libraries from Debian, and DuckDB, under the names that src/CMakeLists.txt uses.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

foreach(module libpq simdjson tomlplusplus libzstd libxxhash yaml-cpp)
    pkg_check_modules(${module} REQUIRED IMPORTED_TARGET GLOBAL ${module})
    add_library(lib::${module} ALIAS PkgConfig::${module})
endforeach()

# DuckDB is the library that ./dev fetched (tools/dev/setup.sh); programs find it there, the
# installed one in the folder beside it (cmake/Install.cmake).
set(ATLAS_DUCKDB_LIBRARY "${CMAKE_SOURCE_DIR}/build/duckdb/libduckdb.so"
    CACHE FILEPATH "DuckDB's shared library, of the version of third_party/duckdb/duckdb.h")
if(NOT EXISTS "${ATLAS_DUCKDB_LIBRARY}")
    message(FATAL_ERROR "${ATLAS_DUCKDB_LIBRARY} is missing; run ./dev build once")
endif()
add_library(lib::duckdb SHARED IMPORTED GLOBAL)
set_target_properties(lib::duckdb PROPERTIES
    IMPORTED_LOCATION "${ATLAS_DUCKDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_SOURCE_DIR}/third_party/duckdb")

# These checks change the size of simdjson's parsers and by default depend on optimisation, which
# tests and libraries set differently. So the definition must be the same everywhere; json_parser.h
# does not compile without it.
target_compile_definitions(PkgConfig::simdjson INTERFACE SIMDJSON_DEVELOPMENT_CHECKS=0)

# Asio, its SSL part and Beast are compiled once, here. Otherwise each file of a Beast server takes
# 8 to 10 seconds.
add_library(atlas_boost STATIC cmake/boost/asio.cc cmake/boost/asio_ssl.cc cmake/boost/beast.cc)
target_compile_definitions(atlas_boost PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_options(atlas_boost PRIVATE ${ATLAS_NOT_FUZZED})
target_link_libraries(atlas_boost PUBLIC
    Boost::headers Boost::json OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
add_library(lib::boost ALIAS atlas_boost)
