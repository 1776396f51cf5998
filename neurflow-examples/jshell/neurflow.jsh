// Start-up script for JShell: every name that the README's snippet needs.
import io.neurflow.api.*;
import io.neurflow.core.*;
import io.neurflow.core.graph.*;
import io.neurflow.core.image.*;
import io.neurflow.core.onnx.*;
import io.neurflow.core.report.*;
import io.neurflow.core.samediff.*;
import io.neurflow.examples.embedded.*;
import java.nio.file.*;
import java.util.*;
