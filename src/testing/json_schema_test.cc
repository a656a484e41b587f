// SPDX-License-Identifier: Apache-2.0
#include "testing/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "testing/yaml.h"

namespace atlas::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Faults of a JSON value against a schema in YAML.
std::vector<std::string> faults(std::string_view schema, std::string_view value) {
    const auto document = yaml_to_json(schema);
    return JsonSchemas(document).faults(document, boost::json::parse(value));
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
    EXPECT_EQ(
        boost::json::serialize(yaml_to_json("{a: 1, b: '1', c: true, d: ~, e: x y, f: 1.8.10}")),
        R"({"a":1,"b":"1","c":true,"d":null,"e":"x y","f":"1.8.10"})");
    EXPECT_EQ(boost::json::serialize(yaml_to_json("a: &x [1]\nb: *x")), R"({"a":[1],"b":[1]})");
}

TEST(JsonSchemas, FindsWhatDoesNotFitAndWhere) {
    const auto* schema =
        "{type: object, required: [a, b], additionalProperties: false, properties: "
        "{a: {type: integer, minimum: 0}, b: {type: array, items: {enum: [x, y]}}}}";
    EXPECT_THAT(faults(schema, R"({"a":1,"b":["x","y"]})"), IsEmpty());
    EXPECT_THAT(faults(schema, R"({"a":-1,"b":["z"],"c":1})"),
                ElementsAre("/c: is not in the schema", "/a: -1 breaks minimum 0",
                            "/b/0: \"z\" is not in the list"));
    EXPECT_THAT(faults(schema, R"({"a":1.5})"),
                ElementsAre(": lacks b", "/a: 1.5E0 is no \"integer\""));
    EXPECT_THAT(faults(schema, "[]"), ElementsAre(": [] is no \"object\""));
}

TEST(JsonSchemas, FollowsReferencesAndAlternatives) {
    const auto document = yaml_to_json(
        "{n: {anyOf: [{$ref: '#/s'}, {type: 'null'}]}, s: {type: string, pattern: '^a'}}");
    const JsonSchemas schemas(document);
    EXPECT_THAT(schemas.faults(document.at("n"), "abc"), IsEmpty());
    EXPECT_THAT(schemas.faults(document.at("n"), nullptr), IsEmpty());
    EXPECT_EQ(schemas.faults(document.at("n"), "b").size(), 1U);
}

TEST(JsonSchemas, UnknownKeywordsAreNotPassedOver) {
    EXPECT_THROW(faults("{multipleOf: 2}", "3"), std::logic_error);
    EXPECT_THROW(faults("{$ref: '#/nowhere'}", "3"), std::logic_error);
}

}  // namespace
}  // namespace atlas::test
