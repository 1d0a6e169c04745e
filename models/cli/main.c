#include "models/cli/cli.h"
#include "models/deployment/model.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &cpns_model);
}
