/** A Spring Boot application with a public URL. */
package io.culvert.tunnel.examples.spring;
