package io.culvert.tunnel.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What editors know of the properties. */
class ConfigurationMetadataTest {
    @Test
    void everyPropertyIsDescribed() throws Exception {
        Map<String, JsonNode> properties = new HashMap<>();
        try (InputStream file = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            new ObjectMapper()
                    .readTree(file)
                    .get("properties")
                    .forEach(property -> properties.put(property.get("name").asText(), property));
        }
        assertThat(properties)
                .hasSize(TunnelProperties.class.getRecordComponents().length)
                .containsKeys("tunnel.enabled", "tunnel.relay", "tunnel.token", "tunnel.name", "tunnel.fail-fast");
        assertThat(properties.values())
                .allSatisfy(property ->
                        assertThat(property.get("description").asText()).isNotBlank());
        assertThat(properties.get("tunnel.enabled").get("defaultValue").asBoolean())
                .isTrue();
    }
}
