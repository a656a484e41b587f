// SPDX-License-Identifier: Apache-2.0
//
// Reads docs/openapi.yaml for tests: a YAML document as JSON. Mappings keep their order, plain
// scalars become numbers, booleans and null by the core schema, quoted ones stay strings.
//
// Threading  pure function; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace atlas::test {

// Throws YAML::Exception for what is not YAML.
boost::json::value yaml_to_json(std::string_view text);

}  // namespace atlas::test
