import "./x-ray";
import "./reading-page";
