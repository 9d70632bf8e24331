package io.tributary.flow;

/** The configuration is wrong; the message is one line that names the setting, the value and what is allowed. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}
