import "./common.ts";
import "./veelab.css";
