// Start-up script for JShell and notebooks: every name that the README's snippet and the notebook need.
import io.neurflow.api.*;
import io.neurflow.core.*;
import io.neurflow.core.certificate.*;
import io.neurflow.core.debug.*;
import io.neurflow.core.diff.*;
import io.neurflow.core.dl4j.*;
import io.neurflow.core.doctor.*;
import io.neurflow.core.experiment.*;
import io.neurflow.core.graph.*;
import io.neurflow.core.image.*;
import io.neurflow.core.keras.*;
import io.neurflow.core.label.*;
import io.neurflow.core.notebook.*;
import io.neurflow.core.onnx.*;
import io.neurflow.core.report.*;
import io.neurflow.core.rival.*;
import io.neurflow.core.samediff.*;
import io.neurflow.core.store.*;
import io.neurflow.examples.embedded.*;
// Two packages have a Finding: what the doctor finds goes by the short name, the other is io.neurflow.core.Finding.
import io.neurflow.core.doctor.Finding;
import java.nio.file.*;
import java.util.*;
